import type { TokenInput } from 'axios-renew'
import { describe, expect, test } from 'vitest'
import { settle } from '../../../src/testing/settle.ts'
import { createKit, rejection } from '../../support/session-kit.ts'

/** A session whose first token request was given up and whose second one is under way; both can still be answered. */
async function setScene() {
  const stored = { tokens: { access_token: 'a1', refresh_token: 'r1' } as TokenInput | null }
  const requests: { sent?: string; answer(tokens: TokenInput): void; refuse(): void }[] = []
  const slow = { load: false, save: false, finish: () => {} }
  const kit = createKit({
    refreshTimeoutMs: 2000,
    load: () => {
      const found = stored.tokens
      return slow.load ? new Promise<TokenInput | null>((resolve) => (slow.finish = () => resolve(found))) : found
    },
    save: (tokens) => {
      const write = () => (stored.tokens = tokens)
      if (!slow.save) return write()
      return new Promise<void>((resolve) => {
        slow.finish = () => {
          write()
          resolve()
        }
      })
    },
    refresh: ({ refreshToken }) =>
      new Promise<TokenInput>((resolve, reject) =>
        requests.push({
          sent: refreshToken,
          answer: resolve,
          refuse: () => reject(Object.assign(new Error('400'), { response: { status: 400, data: { error: 'invalid_grant' } } })),
        }),
      ),
  })
  const rejected = await kit.session.getTokens()
  void rejection(kit.session.refresh({ rejected }))
  await kit.clock.advance(63_000)
  const waiter = kit.session.refresh({ rejected })
  await settle()
  expect(requests.map(({ sent }) => sent)).toEqual(['r1', 'r1'])
  return { ...kit, requests, waiter, slow, stored, names: () => kit.events.map(({ name }) => name) }
}

const PAIR_2 = { access_token: 'a2', refresh_token: 'r2' }

describe('an answer that had been given up on', () => {
  test('keeps the session from ending when it comes while the refusal of the next request is looked into', async () => {
    const { session, requests, waiter, slow, stored, names } = await setScene()
    slow.load = true
    requests[1]?.refuse()
    await settle()
    requests[0]?.answer(PAIR_2)
    await settle()
    slow.load = false
    slow.finish()
    expect(await waiter).toMatchObject({ accessToken: 'a2' })
    expect(session.status).toBe('active')
    expect(stored.tokens).toMatchObject({ accessToken: 'a2' })
    expect(names()).toEqual(['refresh-failed', 'refreshed'])
    expect(requests).toHaveLength(2)
  })

  test('does so, too, when it is still being saved', async () => {
    const { session, requests, waiter, slow, names } = await setScene()
    slow.save = true
    requests[0]?.answer(PAIR_2)
    await settle()
    requests[1]?.refuse()
    await settle()
    slow.finish()
    expect(await waiter).toMatchObject({ accessToken: 'a2' })
    expect(session.status).toBe('active')
    expect(names()).not.toContain('ended')
  })

  test('is taken after the answer that came before it, so that the storage holds what is used', async () => {
    const { session, requests, waiter, slow, stored } = await setScene()
    slow.save = true
    requests[1]?.answer({ access_token: 'a3', refresh_token: 'r3' })
    await settle()
    requests[0]?.answer(PAIR_2)
    await settle()
    slow.finish()
    await settle()
    slow.finish()
    await settle()
    const { accessToken } = await waiter
    expect((await session.getTokens()).accessToken).toBe(accessToken)
    expect(stored.tokens).toMatchObject({ accessToken })
  })

  test('does not keep later token sets in memory for those who keep the one it replaced', async () => {
    const { session } = createKit()
    const first = await session.getTokens()
    await session.refresh()
    const held = (first as never as Record<symbol, { replacing?: Promise<unknown> }>)[Symbol.for('axios-renew.held')]
    expect(await held?.replacing).toBeUndefined()
  })
})

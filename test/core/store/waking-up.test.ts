import { createSession, createSessionPool, memoryStore, SessionEndedError } from 'axios-renew'
import { fakeClock } from 'axios-renew/testing'
import { expect, test } from 'vitest'
import { settle } from '../../../src/testing/settle.ts'
import { rejection } from '../../support/session-kit.ts'
import { collectGarbage } from '../pool/crowd.ts'

const YEAR = { expires_in: 365 * 86_400 }

test.each([0, 5_000])('a sign-out while a session of a pool slept (for %s ms) is noticed after its next use', async (sleptMs) => {
  const [store, clock] = [memoryStore(), fakeClock()]
  const refresh = async () => null
  const pool = createSessionPool({ refresh, store, maxIdleSessions: 1, clock })
  for (const account of ['a', 'b']) await pool.session(account).signIn({ access_token: account, refresh_token: 'r', ...YEAR })
  await settle()
  // Now the other one sleeps.
  await pool.session('b').getTokens()
  await createSession({ refresh, store, account: 'a', clock }).signOut()
  await clock.advance(sleptMs)
  const use = () => pool.session('a').getTokens()
  await use().catch(() => undefined)
  await settle()
  expect(await rejection(use())).toMatchObject({ code: 'ERR_SIGNED_OUT' })
})

test.each([
  ['slept', 1],
  ['was thrown out', 300],
])('a token that was refused while the store was down is not sent again after the session %s', async (_, others) => {
  const [inner, clock] = [memoryStore(), fakeClock()]
  let isDown = false
  const store = {
    ...inner,
    async read(account: string) {
      if (isDown) throw new Error('connection refused')
      return inner.read(account)
    },
  }
  const sent: unknown[] = []
  const refresh = async ({ refreshToken }: { refreshToken?: string }) => {
    sent.push(refreshToken)
    isDown = true
    throw new SessionEndedError('invalid_grant')
  }
  const pool = createSessionPool({ refresh, store, maxIdleSessions: 1, clock })
  await pool.session('a').signIn({ access_token: 'a', refresh_token: 'r', ...YEAR })
  expect(await rejection(pool.session('a').refresh())).toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
  isDown = false
  for (let other = 0; other < others; other++) await pool.session(`x${other}`).signIn({ access_token: 'x', ...YEAR })
  await settle()
  await collectGarbage()
  await clock.advance(60_000)
  expect(await rejection(pool.session('a').refresh())).toMatchObject({ code: 'ERR_SESSION_ENDED' })
  expect(sent).toEqual(['r'])
})

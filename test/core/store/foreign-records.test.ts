import { createSession, memoryStore } from 'axios-renew'
import { fakeClock } from 'axios-renew/testing'
import { expect, test } from 'vitest'
import { settle } from '../../../src/testing/settle.ts'

const FOREIGN = { tokens: { accessToken: 'x' }, generation: 1, lineage: 'theirs', client: 'another' }

/** A moment between any two steps of the first. */
async function steps(count: number): Promise<void> {
  for (let step = 0; step < count; step++) await Promise.resolve()
}

test('two sign-ins over the record of another client are both refused, whenever the second comes', async () => {
  for (let between = 0; between < 40; between++) {
    const store = memoryStore()
    await store.write('default', FOREIGN, null)
    const session = createSession({ refresh: async () => null, store, client: 'mine', clock: fakeClock() })
    const outcomes: string[] = []
    const signIn = (access_token: string) =>
      void session.signIn({ access_token, refresh_token: 'r' }).then(
        () => outcomes.push('done'),
        ({ code }) => outcomes.push(code),
      )
    signIn('a')
    await steps(between)
    signIn('b')
    await settle()
    expect(outcomes, `the second after ${between} steps`).toEqual([expect.stringMatching(/^ERR_/), 'ERR_STORE_UNAVAILABLE'])
    expect((await store.read('default'))?.record).toEqual(FOREIGN)
  }
})

test('a session without a client neither sends nor marks the pair of a client', async () => {
  const store = memoryStore()
  await store.write('default', FOREIGN, null)
  const sent: unknown[] = []
  const refresh = async () => {
    sent.push('a token request')
    return { access_token: 'stolen' }
  }
  const session = createSession({ refresh, store, clock: fakeClock() })
  const code = 'ERR_STORE_UNAVAILABLE'
  await expect(session.getTokens()).rejects.toMatchObject({ code, message: expect.stringContaining('"another", and this session to none') })
  await expect(session.refresh()).rejects.toMatchObject({ code })
  expect(sent).toEqual([])
  expect((await store.read('default'))?.record).toEqual(FOREIGN)
})

test('a pair that names no client is taken over by the first session that has one', async () => {
  const store = memoryStore()
  const tokens = { accessToken: 'a', refreshToken: 'r' }
  await store.write('default', { tokens, generation: 1, lineage: 'by hand' }, null)
  const refresh = async () => ({ access_token: 'b', refresh_token: 's' })
  const session = createSession({ refresh, store, client: 'mine', clock: fakeClock() })
  expect(await session.getTokens()).toMatchObject(tokens)
  await session.refresh()
  expect((await store.read('default'))?.record).toMatchObject({ client: 'mine', lineage: 'by hand', tokens: { accessToken: 'b' } })
})

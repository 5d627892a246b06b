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

test.each([
  ['one', 'mine', undefined],
  ['none', undefined, 'theirs'],
])('a session with %s neither sends nor marks the pair of a session with the other', async (_name, client, other) => {
  const store = memoryStore()
  const theirs = createSession({ refresh: async () => null, store, client: other, clock: fakeClock() })
  await theirs.signIn({ access_token: 'x', refresh_token: 'y', expires_in: 60 })
  const sent: unknown[] = []
  const clock = fakeClock()
  const refresh = async ({ refreshToken }: { refreshToken?: string }) => {
    sent.push(refreshToken)
    return { access_token: 'stolen' }
  }
  const mine = createSession({ refresh, store, client, clock })
  await expect(mine.getTokens()).rejects.toMatchObject({
    code: 'ERR_STORE_UNAVAILABLE',
    message: expect.stringContaining('"default" belong to'),
  })
  await expect(mine.refresh()).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
  expect(sent).toEqual([])
  expect(await theirs.getTokens()).toMatchObject({ accessToken: 'x' })
})

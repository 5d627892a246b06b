import { StoreError } from 'axios-renew'
import { expect, test } from 'vitest'
import { rejection } from '../../support/session-kit.ts'
import { fail } from '../../support/token-server.ts'
import { prepare } from './scripted-store.ts'

const HOUR = 3600_000
const down = () => {
  throw new Error('connection refused')
}

test('proceed does not write on and on when somebody else has written while a pair was unsaved', async () => {
  const { store, server, session, clock } = await prepare(1, { onStoreFailure: 'proceed' })
  store.watchers = []
  store.before = down
  expect((await session.getTokens()).accessToken).toBe('a2')
  // The pauses between the attempts to write it have grown long.
  await clock.advance(10 * 60_000)
  store.put({ generation: 5, tokens: { accessToken: 'elsewhere', refreshToken: 'r-elsewhere', expiresAt: clock.now() + HOUR } })
  let writes = 0
  // What goes on for ever would not let the test end.
  store.before = (operation) => (operation === 'write' && ++writes > 50 ? new Promise(() => {}) : undefined)
  const refreshed = session.refresh()
  await clock.advance(2_000)
  expect(writes).toBeLessThan(20)
  expect((await refreshed).accessToken).toBe('elsewhere')
  expect(server.requests).toBe(1)
})

test('proceed sends nothing over a record that cannot be read, also after an outage', async () => {
  let requests = 0
  const refresh = async () => {
    requests++
    return fail(503)
  }
  const { store, session, clock } = await prepare(1, { onStoreFailure: 'proceed', refresh })
  store.before = down
  expect(await rejection(session.getTokens())).toMatchObject({ code: 'ERR_REFRESH_FAILED' })
  const { row } = store
  // As the stores of this package say it.
  store.before = (operation) => {
    if (operation === 'read' || operation === 'write') throw new StoreError('ERR_STORE_UNAVAILABLE', 'expected JSON', undefined)
  }
  await clock.advance(10 * 60_000)
  expect(await rejection(session.refresh())).toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
  expect(requests).toBe(1)
  expect(store.row).toBe(row)
})

test.each(['all writes', 'writes of a pair'])('proceed does not wait for its own lock while the store refuses %s', async (refused) => {
  const { store, server, session, clock } = await prepare(1, { onStoreFailure: 'proceed' })
  store.before = (operation, record) => {
    if (operation === 'write' && (refused === 'all writes' || record?.refreshStartedAt === undefined)) throw new Error('disk full')
  }
  for (let hour = 1; hour <= 3; hour++) {
    const tokens = session.getTokens()
    await clock.advance(1000)
    expect((await tokens).accessToken).toBe(`a${hour + 1}`)
    expect(server.requests).toBe(hour)
    await clock.advance(HOUR)
  }
})

import { expect, test } from 'vitest'
import { settle } from '../../../src/testing/settle.ts'
import { rejection } from '../../support/session-kit.ts'
import { createFleet } from './fleet.ts'

const HOUR = 3600_000

test('an answer that says that nobody is signed in signs everybody out', async () => {
  let requests = 0
  const refresh = async () => {
    requests++
    return null
  }
  const fleet = createFleet()
  const { store, clock } = fleet
  const [session, other, late] = [fleet.start({ refresh }), fleet.start({ refresh }), fleet.start({ refresh })]
  await session.signIn({ access_token: 'a', expires_in: 3600 })
  await other.getTokens()
  await clock.advance(HOUR)
  expect(await rejection(session.refresh())).toMatchObject({ code: 'ERR_SIGNED_OUT' })
  await settle()
  const stored = await store.read('default')
  expect(stored?.record.tokens).toBeNull()
  expect([session.status, other.status]).toEqual(['signed-out', 'signed-out'])
  for (let round = 0; round < 3; round++) {
    await clock.advance(2_000)
    for (const each of [session, other, late]) expect(await rejection(each.getTokens())).toMatchObject({ code: 'ERR_SIGNED_OUT' })
  }
  expect([await store.read('default'), requests]).toEqual([stored, 1])
})

import { expect, test } from 'vitest'
import { randomFrom, startSession, startStage } from './support/stage.ts'
import { type SellerProcess, startProcess } from './support/start-process.ts'

const ROUNDS = 60
/** A little more than a pair lives. */
const HALF_A_YEAR = 181 * 24 * 60 * 60 * 1000

const OK = [200, 200, 200]

test('two processes over one row, one after another, adopt what the other has written and spend no token twice', async () => {
  const stage = await startStage()
  await startSession(stage).signIn(stage.pair)
  const processes = await Promise.all([startProcess(stage), startProcess(stage)])
  // Both start with the pair that is in the row.
  for (const process of processes) expect(await process.obey({ requests: 3, ahead: 0 })).toEqual({ statuses: OK, refreshed: 0, adopted: 0 })

  const random = randomFrom(1)
  for (let round = 1; round <= ROUNDS; round++) {
    const [first, second] = (random() < 0.5 ? processes : processes.toReversed()) as [SellerProcess, SellerProcess]
    const order = { requests: 3, ahead: round * HALF_A_YEAR }
    await stage.expire(String((await stage.file.read())?.accessToken))
    // Whoever comes first refreshes, whether the pair of the round before was its own or the other's.
    expect(await first.obey(order)).toMatchObject({ statuses: OK, refreshed: 1 })
    // The other one often misses a round.
    if (random() < 0.6) expect(await second.obey(order)).toEqual({ statuses: OK, refreshed: 0, adopted: 1 })
    expect(stage.seen()).toMatchObject({ tokenRequests: round, refreshes: round, reused: 0, grantsRevoked: 0 })
  }

  expect(await stage.grantAlive()).toBe(true)
  expect(await Promise.all(processes.map((process) => process.stop())), 'idle processes end by themselves').toEqual([0, 0])
}, 60_000)

test('a 401 in one process, for a pair that the other has replaced, is no token request', async () => {
  const stage = await startStage()
  await startSession(stage).signIn(stage.pair)
  const processes = await Promise.all([startProcess(stage), startProcess(stage)])
  for (const process of processes) expect((await process.obey({ requests: 3, ahead: 0 })).statuses).toEqual(OK)

  for (let round = 1; round <= 10; round++) {
    const [first, second] = (round % 2 === 0 ? processes : processes.toReversed()) as [SellerProcess, SellerProcess]
    await stage.expire(String((await stage.file.read())?.accessToken))
    expect(await first.obey({ requests: 3, ahead: 0 })).toEqual({ statuses: OK, refreshed: 1, adopted: 0 })
    expect(await second.obey({ requests: 3, ahead: 0 })).toEqual({ statuses: OK, refreshed: 0, adopted: 1 })
    expect(stage.seen()).toMatchObject({ tokenRequests: round, unauthorized: 6 * round, reused: 0, grantsRevoked: 0 })
  }
  expect(await stage.grantAlive()).toBe(true)
}, 60_000)

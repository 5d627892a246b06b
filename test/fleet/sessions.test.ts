import { expect, test, vi } from 'vitest'
import { overEachStore, stored } from './support/backends.ts'
import { quantile, tell, total, until } from './support/measure.ts'
import type { Noted } from './support/protocol.ts'
import { eachOnce, startStage } from './support/stage.ts'
import { startProcesses } from './support/start-process.ts'

vi.setConfig({ testTimeout: 120_000 })

const PROCESSES = 4
const ROTATIONS = 200

overEachStore('one account in the sessions of several processes', (name, backend) => {
  test(`${ROTATIONS} rotations in a row are ${ROTATIONS} token requests`, async () => {
    const stage = await startStage()
    const [account = ''] = await stage.signIn(backend(), 1)
    const fleet = await startProcesses(PROCESSES, stage, backend(), { account })
    expect(total(await Promise.all(fleet.map((each) => each.request(account))))).toEqual({ 200: PROCESSES })
    const durations: number[] = []
    for (let round = 1; round <= ROTATIONS; round++) {
      await stage.expire(backend(), [account])
      const since = performance.now()
      expect(total(await Promise.all(fleet.map((each) => each.request(account, 2))))).toEqual({ 200: 2 * PROCESSES })
      durations.push(performance.now() - since)
      expect(stage.seen()).toEqual(eachOnce(round))
    }
    expect(await stored(backend(), account)).toMatchObject({ generation: ROTATIONS + 1 })
    const [median, p99] = [quantile(durations, 0.5), quantile(durations, 0.99)].map(Math.round)
    tell(`${name}: ${ROTATIONS} rotations in ${PROCESSES} processes; from a 401 to answers in all: ${median} ms (median), ${p99} ms (p99)`)
  })

  test('a sign-out and a sign-in reach the others within a second', async () => {
    const stage = await startStage()
    const [account = ''] = await stage.signIn(backend(), 1)
    const fleet = await startProcesses(PROCESSES, stage, backend(), { account })
    expect(total(await Promise.all(fleet.map((each) => each.request(account))))).toEqual({ 200: PROCESSES })
    const [first] = fleet

    /** How long the others took to tell of it, in ms. */
    async function delays(event: 'signed-in' | 'signed-out', begin: () => Promise<Noted[] | undefined>): Promise<number[]> {
      const own = (await begin())?.find((noted) => noted.name === event)
      const heard: Noted[] = []
      await until(`all have ${event}`, async () => {
        const reports = await Promise.all(fleet.slice(1).map((each) => each.obey({ do: 'report' })))
        heard.push(...reports.flatMap(({ events }) => events).filter((noted) => noted.name === event))
        return heard.length === PROCESSES - 1
      })
      return heard.map(({ at }) => at - (own?.at ?? Number.NaN))
    }

    const out = await delays('signed-out', async () => (await first?.obey({ do: 'sign out' }))?.events)
    // Sessions of their own send without a token then.
    expect(total(await Promise.all(fleet.map((each) => each.request(account))))).toEqual({ 401: PROCESSES })
    const tokens = await stage.auth.authorize(account)
    const back = await delays('signed-in', async () => (await first?.obey({ do: 'sign in', tokens }))?.events)
    expect(total(await Promise.all(fleet.map((each) => each.request(account))))).toEqual({ 200: PROCESSES })
    tell(`${name}: a sign-out reached the others after ${Math.max(...out)} ms at most, a sign-in after ${Math.max(...back)} ms`)
    for (const delay of [...out, ...back]) expect(delay).toBeLessThan(1000)
    expect(stage.seen()).toEqual(eachOnce(0))
  })
})

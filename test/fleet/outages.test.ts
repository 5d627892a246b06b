import { expect, test, vi } from 'vitest'
import { type Backend, overEachStore, stored } from './support/backends.ts'
import { sleep, tell, total, until } from './support/measure.ts'
import type { Report } from './support/protocol.ts'
import { startReusingServer } from './support/reusing-server.ts'
import { eachOnce, startStage } from './support/stage.ts'
import { type FleetProcess, startProcesses } from './support/start-process.ts'

vi.setConfig({ testTimeout: 90_000 })

/** What a request for an account whose token is invalid may come to while the store is away. */
const STORE_ERRORS = /^ERR_(STORE_UNAVAILABLE|SAVE_FAILED|LOCK_TIMEOUT)$/

function report(fleet: FleetProcess[]): Promise<Report[]> {
  return Promise.all(fleet.map((each) => each.obey({ do: 'report' })))
}

function startTraffic(fleet: FleetProcess[], accounts: string[]): Promise<Report[]> {
  return Promise.all(fleet.map((each) => each.obey({ do: 'start traffic', accounts, everyMs: 20 })))
}

/** What has come of requests since the last look. */
async function outcomes(fleet: FleetProcess[]): Promise<Report['outcomes']> {
  return total((await report(fleet)).map((each) => each.outcomes))
}

async function generations(backend: Backend, accounts: string[]): Promise<number[]> {
  return Promise.all(accounts.map(async (account) => (await stored(backend, account)).generation))
}

overEachStore('a store in trouble', (name, backend) => {
  test('that is away and comes back in the middle of traffic: valid tokens are served, nothing is sent, and what was under way is not lost', async () => {
    const stage = await startStage()
    const valid = await stage.signIn(backend(), 5)
    const rejected = await stage.signIn(backend(), 5)
    const underWay = await stage.signIn(backend(), 3)
    const sellers = [...valid, ...rejected, ...underWay]
    const fleet = await startProcesses(3, stage, backend())
    expect(total(await Promise.all(fleet.map((each) => each.request(sellers))))).toEqual({ 200: 3 * 13 })
    await startTraffic(fleet, sellers)
    await sleep(300)

    // Their answers will come when the store is away.
    stage.auth.latencyMs = 2000
    await stage.expire(backend(), underWay)
    await until('their token requests are under way', () => stage.seen().refreshes === 3)
    const tokens = await Promise.all(rejected.map(async (seller) => String((await stored(backend(), seller)).tokens?.accessToken)))
    await report(fleet)
    await backend().stop()
    const downAt = Date.now()
    for (const token of tokens) await stage.auth.expire(token)
    await sleep(2500)
    stage.auth.latencyMs = 0
    const meanwhile = await outcomes(fleet)
    expect(total(await Promise.all(fleet.map((each) => each.request(valid))))).toEqual({ 200: 15 })
    const { 200: served = 0, ...refused } = meanwhile
    tell(`${name}: while it was away ${served} requests were served, and ${JSON.stringify(refused)}`)
    expect(served).toBeGreaterThan(50)
    expect(Object.keys(refused).length).toBeGreaterThan(0)
    for (const code of Object.keys(refused)) expect(code).toMatch(STORE_ERRORS)
    expect(stage.seen()).toEqual(eachOnce(3))

    const backAt = Date.now()
    await backend().start()
    await until(
      'all is well again',
      async () => (await generations(backend(), [...rejected, ...underWay])).every((generation) => generation === 2),
      30_000,
    )
    tell(`${name}: all was well again ${Date.now() - backAt} ms after its start; it was away for ${backAt - downAt} ms`)
    await sleep(1000)
    await Promise.all(fleet.map((each) => each.obey({ do: 'stop traffic' })))
    expect(total(await Promise.all(fleet.map((each) => each.request(sellers))))).toEqual({ 200: 3 * 13 })
    expect(stage.seen()).toEqual(eachOnce(8))
  })

  // PostgreSQL keeps what it has.
  if (name === 'Redis')
    test('that comes back empty gets the newest pairs again from the processes that hold them, and nothing is sent twice', async () => {
      const stage = await startStage()
      const sellers = await stage.signIn(backend(), 10)
      const fleet = await startProcesses(3, stage, backend())
      // The first pairs are spent: who wrote one of them would lose the grant.
      await stage.expire(backend(), sellers)
      expect(total(await Promise.all(fleet.map((each) => each.request(sellers))))).toEqual({ 200: 30 })
      await startTraffic(fleet, sellers)
      await sleep(300)
      const tokens = await Promise.all(sellers.map(async (seller) => String((await stored(backend(), seller)).tokens?.accessToken)))
      await backend().empty()
      await backend().stop()
      await sleep(1000)
      expect(Object.keys(await outcomes(fleet))).toEqual(['200'])

      await backend().start()
      for (const token of tokens) await stage.auth.expire(token)
      await until('all is written again', async () => (await backend().store.read(sellers.at(-1) ?? '')) !== null)
      // Until then a row may be missing.
      const all = () => generations(backend(), sellers).catch(() => [])
      await until('all is well again', async () => (await all()).filter((generation) => generation === 3).length === sellers.length)
      await Promise.all(fleet.map((each) => each.obey({ do: 'stop traffic' })))
      expect(total(await Promise.all(fleet.map((each) => each.request(sellers))))).toEqual({ 200: 30 })
      expect(stage.seen()).toEqual(eachOnce(20))
    })

  test.each(['rolled back by one version', 'emptied'] as const)(
    'that was %s is written over by who holds the newest pair and uses it',
    async (how) => {
      const stage = await startStage()
      const [seller = ''] = await stage.signIn(backend(), 1, 'expired')
      const fleet = await startProcesses(3, stage, backend())
      const putBack = await backend().copy(seller)
      expect(total(await Promise.all(fleet.map((each) => each.request(seller))))).toEqual({ 200: 3 })
      const { tokens, lineage } = await stored(backend(), seller)
      await (how === 'emptied' ? backend().empty() : putBack())

      // It is valid: nobody has to look.
      expect(total(await Promise.all(fleet.map((each) => each.request(seller, 3))))).toEqual({ 200: 9 })
      expect(stage.seen()).toEqual(eachOnce(1))
      await stage.auth.expire(String(tokens?.accessToken))
      const reports = await Promise.all(fleet.map((each) => each.obey({ do: 'request', accounts: [seller], times: 3 })))
      expect(total(reports.map(({ outcomes }) => outcomes))).toEqual({ 200: 9 })
      expect(new Set(reports.flatMap(({ events }) => events.map((event) => event.name)))).toEqual(new Set(['refreshed']))
      expect(await stored(backend(), seller)).toMatchObject({ generation: 3, lineage })
      expect(stage.seen()).toEqual(eachOnce(2))
    },
  )

  test("that is down stops nobody who says onStoreFailure 'proceed', over a server that does not rotate: one token request a process", async () => {
    const server = await startReusingServer()
    const seller = 'seller of a shop'
    await server.signIn(backend(), seller)
    const fleet = await startProcesses(3, server, backend(), { options: { onStoreFailure: 'proceed' } })
    expect(total(await Promise.all(fleet.map((each) => each.request(seller, 5))))).toEqual({ 200: 5 * 3 })
    expect(server.tokenRequests).toBe(0)

    await backend().stop()
    server.expireAll()
    expect(total(await Promise.all(fleet.map((each) => each.request(seller, 10))))).toEqual({ 200: 10 * 3 })
    expect(server.tokenRequests).toBe(3)
    expect(total(await Promise.all(fleet.map((each) => each.request(seller, 10))))).toEqual({ 200: 10 * 3 })
    expect(server.tokenRequests).toBe(3)
    await backend().start()
  })
})

import { expect, test, vi } from 'vitest'
import { overEachStore, stored } from './support/backends.ts'
import { quantile, sleep, tell, total, until } from './support/measure.ts'
import type { Noted, Report } from './support/protocol.ts'
import { eachOnce, startStage } from './support/stage.ts'
import { startProcesses } from './support/start-process.ts'

vi.setConfig({ testTimeout: 180_000 })

/** The whole proof is 8 x 200 x 10, and takes 20 to 40 s a store on two cores. */
const { PROCESSES = 8, ACCOUNTS = 200, REQUESTS = 10 } = process.env
const processes = Number(PROCESSES)
/** The authorization server keeps a thousand things in memory: that is enough for 200 accounts, and not for 300. */
const accounts = Number(ACCOUNTS)
const requests = Number(REQUESTS)
/** So many of them for each account wait for its new pair. */
const FIRST = Math.min(2, requests)

const WAITED_FOR = 50
const WAITING = 4

overEachStore('a fleet whose tokens have all expired', (name, backend) => {
  test(`${processes} processes with ${requests} requests for each of ${accounts} accounts: one token request an account`, async () => {
    const stage = await startStage()
    const sellers = await stage.signIn(backend(), accounts, 'expired')
    // On a machine with few cores thousands of requests take longer than callers usually wait.
    const fleet = await startProcesses(processes, stage, backend(), { options: { refreshTimeoutMs: 120_000 } })

    const startedAt = Date.now()
    // All wait for the new pairs, and most requests come when these are there: what is measured is how others are woken,
    // not how fast two cores can send thousands of requests.
    const send = (times: number) => Promise.all(fleet.map((each) => each.obey({ do: 'request', accounts: sellers, times })))
    const reports = await send(FIRST)
    const later = await send(requests - FIRST)
    const seconds = (Date.now() - startedAt) / 1000

    expect(total([...reports, ...later].map(({ outcomes }) => outcomes))).toEqual({ 200: processes * accounts * requests })
    expect(stage.api.counters).toEqual({ requests: processes * accounts * requests, ok: processes * accounts * requests, unauthorized: 0 })
    expect(stage.seen()).toEqual(eachOnce(accounts))
    const records = await Promise.all(sellers.map((seller) => stored(backend(), seller)))
    expect(new Set(records.map(({ generation }) => generation))).toEqual(new Set([2]))

    const events = [...reports, ...later].flatMap((report) => report.events)
    expect(new Set(events.map((event) => event.name))).toEqual(new Set(['refreshed']))
    const told = reports.flatMap((report, process) => report.events.map(({ account }) => `${account} in ${process}`))
    expect(told.length, 'each process tells of each pair once').toBe(new Set(told).size)
    const delays = reports.flatMap((report) => delaysIn(report, events))
    const [median = 0, p99 = 0] = [0.5, 0.99].map((share) => quantile(delays, share))
    tell(`${name}: ${processes * accounts * requests} requests in ${seconds.toFixed(1)} s, ${stage.seen().tokenRequests} token requests`)
    tell(`${name}: others had a new pair ${median} ms (median), ${p99} ms (p99) after it was sent to the store; ${delays.length} of them`)
    // A process that comes late finds the new pair when it loads, and tells of nothing.
    expect(delays.length).toBeGreaterThan(((processes - 1) * accounts) / 2)
    // The bar is 250 ms, and docs/scale.md tells how far it is met on a quiet machine. On one where much else ran the median
    // came to 701 ms, and the p99 to 6 s. Here it is told from polling: every 5 s, so that half would wait for 2.5 s and more.
    expect(median).toBeLessThan(1500)
  })

  // Redis has no transactions to count.
  if (name === 'PostgreSQL')
    test(`waiting for ${WAITED_FOR} accounts in ${WAITING} processes during slow token requests costs at most 200 transactions a second`, async () => {
      const stage = await startStage()
      const sellers = await stage.signIn(backend(), WAITED_FOR, 'expired')
      stage.auth.latencyMs = 3000
      const fleet = await startProcesses(WAITING, stage, backend(), { options: { maxConcurrentRefreshes: WAITED_FOR } })
      const committed = async () => {
        const [row] = (await backend().query?.(`SELECT xact_commit FROM pg_stat_database WHERE datname = 'postgres'`)) ?? []
        return Number(row?.xact_commit)
      }
      const statements = async () => {
        const reports = await Promise.all(fleet.map((each) => each.obey({ do: 'report' })))
        return reports.reduce((sum, report) => sum + report.statements, 0)
      }
      const before = await committed()
      const startedAt = Date.now()
      const requests = Promise.all(fleet.map((each) => each.request(sellers)))
      await until('all token requests are under way', () => stage.seen().refreshes === WAITED_FOR)
      await sleep(300)
      const [first, since] = [await statements(), Date.now()]
      await sleep(2000)
      const perSecond = ((await statements()) - first) / ((Date.now() - since) / 1000)
      expect(total(await requests)).toEqual({ 200: WAITED_FOR * WAITING })
      const seconds = (Date.now() - startedAt) / 1000
      const sent = await statements()
      // The server counts what a connection has done a while later, or when it ends.
      await Promise.all(fleet.map((each) => each.end()))
      await sleep(1100)
      const all = (await committed()) - before
      tell(`${perSecond.toFixed(1)} transactions/s while ${WAITED_FOR} accounts were waited for in ${WAITING} processes`)
      tell(
        `${all} transactions committed in ${seconds.toFixed(1)} s, from the first look to the last answer (${sent} statements sent): ${(all / seconds).toFixed(0)}/s`,
      )
      expect(stage.seen()).toEqual(eachOnce(WAITED_FOR))
      expect(perSecond).toBeLessThan(200)
      // By the server's own count, for each account: the statements, and one of each connection that hears a notification. It
      // comes late, so it is taken of waiting and refreshes together (36 to 46 were measured).
      expect(all / WAITED_FOR).toBeLessThan(100)
    })
})

/** From the write of each answer to its use in this process, in ms; but for those that it wrote itself. */
function delaysIn(report: Report, events: readonly Noted[]): number[] {
  const writeAt = new Map(events.filter(({ adopted }) => !adopted).map((event) => [event.account, event.writeAt]))
  const adoptedAt = new Map(report.events.filter(({ adopted }) => adopted).map(({ account, at }) => [account, at]))
  return [...adoptedAt].map(([account, at]) => at - (writeAt.get(account) ?? Number.NaN))
}

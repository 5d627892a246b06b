import { expect, test, vi } from 'vitest'
import { overEachStore, stored } from './support/backends.ts'
import type { Noted } from './support/fleet-process.ts'
import { quantile, tell, total } from './support/measure.ts'
import { eachOnce, startStage } from './support/stage.ts'
import { startProcesses } from './support/start-process.ts'

vi.setConfig({ testTimeout: 180_000 })

const { PROCESSES = 8, ACCOUNTS = 200, REQUESTS = 10 } = process.env
const processes = Number(PROCESSES)
/** The authorization server keeps a thousand things in memory: that is enough for 200 accounts, and not for 300. */
const accounts = Number(ACCOUNTS)
const requests = Number(REQUESTS)

overEachStore('a fleet whose tokens have all expired', (name, backend) => {
  test(`${processes} processes with ${requests} requests for each of ${accounts} accounts: one token request an account`, async () => {
    const stage = await startStage()
    const sellers = await stage.signIn(backend(), accounts, 'expired')
    // On a machine with few cores thousands of requests take longer than callers usually wait.
    const fleet = await startProcesses(processes, stage, backend(), { options: { refreshTimeoutMs: 120_000 } })

    const startedAt = Date.now()
    const reports = await Promise.all(fleet.map((each) => each.obey({ do: 'request', accounts: sellers, times: requests })))
    const seconds = (Date.now() - startedAt) / 1000

    expect(total(reports.map(({ outcomes }) => outcomes))).toEqual({ 200: processes * accounts * requests })
    expect(stage.api.counters).toEqual({ requests: processes * accounts * requests, ok: processes * accounts * requests, unauthorized: 0 })
    expect(stage.seen()).toEqual(eachOnce(accounts))
    const records = await Promise.all(sellers.map((seller) => stored(backend(), seller)))
    expect(new Set(records.map(({ generation }) => generation))).toEqual(new Set([2]))

    const events = reports.flatMap((report) => report.events)
    expect(new Set(events.map((event) => event.name))).toEqual(new Set(['refreshed']))
    const all = delays(events)
    const queued = delays(events, ({ lockAt = Number.POSITIVE_INFINITY }, writtenAt) => lockAt <= writtenAt)
    tell(`${name}: ${processes * accounts * requests} requests in ${seconds.toFixed(1)} s, ${stage.seen().tokenRequests} token requests`)
    for (const [whose, values] of Object.entries({ 'in the queue for the lock': queued, all }))
      tell(
        `${name}: others have a new pair after ${quantile(values, 0.5)} ms (median), ${quantile(values, 0.99)} ms (p99), ${whose}: ${values.length}`,
      )
    // A process that comes late finds the new pair when it loads, and tells of nothing.
    expect(all.length).toBeLessThanOrEqual((processes - 1) * accounts)
    expect(quantile(all, 0.5)).toBeLessThan(250)
    expect(quantile(queued, 0.5)).toBeLessThan(250)
  })
})

/** From the write of an answer to each of the other processes that use it, in ms. */
function delays(events: readonly Noted[], counts: (event: Noted, writtenAt: number) => boolean = () => true): number[] {
  const writtenAt = new Map(events.filter(({ adopted }) => !adopted).map(({ account, at }) => [account, at]))
  return events
    .filter((event) => event.adopted && counts(event, writtenAt.get(event.account) ?? 0))
    .map(({ account, at }) => at - (writtenAt.get(account) ?? Number.NaN))
}

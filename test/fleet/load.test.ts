import { expect, test, vi } from 'vitest'
import { overStore } from './support/backends.ts'
import { sleep, tell, total, until } from './support/measure.ts'
import { eachOnce, startStage } from './support/stage.ts'
import { startProcesses } from './support/start-process.ts'

vi.setConfig({ testTimeout: 60_000 })

const ACCOUNTS = 50
const PROCESSES = 4

overStore('PostgreSQL', 'waiting', (backend) => {
  test(`for ${ACCOUNTS} accounts in ${PROCESSES} processes during slow token requests costs at most 200 transactions a second`, async () => {
    const stage = await startStage()
    const sellers = await stage.signIn(backend(), ACCOUNTS, 'expired')
    stage.auth.latencyMs = 3000
    const fleet = await startProcesses(PROCESSES, stage, backend(), { options: { maxConcurrentRefreshes: ACCOUNTS } })
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
    await until('all token requests are under way', () => stage.seen().refreshes === ACCOUNTS)
    await sleep(300)
    const [first, since] = [await statements(), Date.now()]
    await sleep(2000)
    const perSecond = ((await statements()) - first) / ((Date.now() - since) / 1000)
    expect(total(await requests)).toEqual({ 200: ACCOUNTS * PROCESSES })
    const seconds = (Date.now() - startedAt) / 1000
    const sent = await statements()
    // The server counts what a connection has done a while later, or when it ends.
    await Promise.all(fleet.map((each) => each.end()))
    await sleep(1100)
    const all = (await committed()) - before
    tell(`${perSecond.toFixed(1)} transactions/s while ${ACCOUNTS} accounts were waited for in ${PROCESSES} processes`)
    tell(
      `${all} transactions committed in ${seconds.toFixed(1)} s, from the first look to the last answer (${sent} statements sent): ${(all / seconds).toFixed(0)}/s`,
    )
    expect(stage.seen()).toEqual(eachOnce(ACCOUNTS))
    expect(perSecond).toBeLessThan(200)
  })
})

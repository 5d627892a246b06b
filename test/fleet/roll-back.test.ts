import { expect, test, vi } from 'vitest'
import { overEachStore, stored } from './support/backends.ts'
import { total } from './support/measure.ts'
import { eachOnce, startStage } from './support/stage.ts'
import { startProcesses } from './support/start-process.ts'

vi.setConfig({ testTimeout: 60_000 })

overEachStore('a store that has forgotten what was written', (_name, backend) => {
  test.each(['rolled back by one version', 'emptied'] as const)(
    '(%s) is written over by who holds the newest pair and uses it',
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

  test('is written over within seconds also when nobody uses the pair', async () => {
    const stage = await startStage()
    const [seller = ''] = await stage.signIn(backend(), 1, 'expired')
    const fleet = await startProcesses(2, stage, backend())
    const putBack = await backend().copy(seller)
    expect(total(await Promise.all(fleet.map((each) => each.request(seller))))).toEqual({ 200: 2 })
    // Whoever watches has looked at least once.
    await vi.waitFor(async () => expect((await stored(backend(), seller)).generation).toBe(2))
    await new Promise((resolve) => setTimeout(resolve, 6000))
    await putBack()
    await vi.waitFor(async () => expect((await stored(backend(), seller)).generation).toBe(2), { timeout: 12_000, interval: 100 })
    // Somebody who knows nothing but the store starts with the newest pair.
    const [late] = await startProcesses(1, stage, backend())
    expect(await late?.request(seller)).toEqual({ 200: 1 })
    expect(stage.seen()).toEqual(eachOnce(1))
  })
})

import { expect, test, vi } from 'vitest'
import { overEachStore } from './support/backends.ts'
import { total } from './support/measure.ts'
import { startReusingServer } from './support/reusing-server.ts'
import { startProcesses } from './support/start-process.ts'

vi.setConfig({ testTimeout: 60_000 })

const PROCESSES = 4

overEachStore("onStoreFailure 'proceed' with a server that does not rotate", (_name, backend) => {
  test('goes on while the store is down, with one token request a process', async () => {
    const server = await startReusingServer()
    const seller = 'seller of a shop'
    await server.signIn(backend(), seller)
    const fleet = await startProcesses(PROCESSES, server, backend(), { options: { onStoreFailure: 'proceed' } })
    expect(total(await Promise.all(fleet.map((each) => each.request(seller, 5))))).toEqual({ 200: 5 * PROCESSES })
    expect(server.tokenRequests).toBe(0)

    await backend().stop()
    server.expireAll()
    expect(total(await Promise.all(fleet.map((each) => each.request(seller, 10))))).toEqual({ 200: 10 * PROCESSES })
    expect(server.tokenRequests).toBe(PROCESSES)
    expect(total(await Promise.all(fleet.map((each) => each.request(seller, 10))))).toEqual({ 200: 10 * PROCESSES })
    expect(server.tokenRequests).toBe(PROCESSES)
    await backend().start()
  })
})

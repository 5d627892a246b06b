import { expect, onTestFinished, test } from 'vitest'
import { startAuthorizationServer } from '../../examples/servers/authorization-server.ts'

test('authorization servers that start at once leave the console as it was', async () => {
  const { info, warn } = console
  onTestFinished(() => void Object.assign(console, { info, warn }))
  const servers = await Promise.all([startAuthorizationServer(), startAuthorizationServer(), startAuthorizationServer()])
  onTestFinished(async () => void (await Promise.all(servers.map((server) => server.close()))))
  expect(console.info === info).toBe(true)
  expect(console.warn === warn).toBe(true)
})

import type { TestProject } from 'vitest/node'
import { startRealmServer } from '../support/realm-server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    origins: { origin: string; otherOrigin: string }
  }
}

/** The servers run in Node; the pages get their addresses. */
export default async function setup(project: TestProject): Promise<() => Promise<unknown>> {
  const servers = await Promise.all([startRealmServer(), startRealmServer()])
  const [origin = '', otherOrigin = ''] = servers.map((server) => server.origin)
  project.provide('origins', { origin, otherOrigin })
  return () => Promise.all(servers.map((server) => server.close()))
}

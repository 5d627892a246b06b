import { Agent } from 'node:http'
import axios from 'axios'
import { Authority } from '../support/authority.ts'
import { fateWithin } from '../support/fate.ts'
import { startServer } from '../support/server.ts'
import { deadLock } from '../support/words.ts'
import { scenario, situation } from './scenario.ts'

export const oneSocket = scenario({
  id: 'one-socket',
  title: "401 with `responseType: 'stream'`, and one socket for all requests",
  about401: true,
  right: { fate: 'resolved 200' },
  async observe(library) {
    const authority = new Authority()
    const server = await startServer(authority)
    const httpAgent = new Agent({ keepAlive: true, maxSockets: 1 })
    const api = axios.create({ baseURL: server.url, httpAgent })
    situation(library, authority, server.refresh, false).protect(api)
    const fate = await fateWithin(api.get('/files/1', { responseType: 'stream' }), 1500)
    httpAgent.destroy()
    await server.close()
    return { fate }
  },
  tell: ({ fate }) => deadLock(fate),
})

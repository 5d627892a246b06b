import { Readable } from 'node:stream'
import axios from 'axios'
import { Authority } from '../support/authority.ts'
import { fateWithin } from '../support/fate.ts'
import { startServer } from '../support/server.ts'
import { scenario, situation } from './scenario.ts'

export const streamBody = scenario({
  id: 'stream-body',
  title: 'The refused request had a stream for a body',
  about401: true,
  right: { fate: 'rejected ERR_BODY_NOT_REPLAYABLE', bodies: ['a file'] },
  async observe(library) {
    const authority = new Authority()
    const server = await startServer(authority)
    const api = axios.create({ baseURL: server.url })
    situation(library, authority, server.refresh, false).protect(api)
    const fate = await fateWithin(api.post('/files', Readable.from([Buffer.from('a file')])), 1500)
    await server.close()
    return { fate, bodies: server.arrivals.map(({ body }) => body) }
  },
  tell: ({ fate, bodies }) => `${fate}; bodies sent: ${bodies.map((body) => JSON.stringify(body)).join(', ')}`,
})

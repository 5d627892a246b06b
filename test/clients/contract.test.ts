import { Readable } from 'node:stream'
import axios from 'axios'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { contract } from '../contract/contract.ts'
import { axiosTransport } from '../support/axios-transport.ts'
import { expectNoToken } from '../support/canary.ts'
import { fetchTransport } from '../support/fetch-transport.ts'
import { startRealmServer } from '../support/realm-server.ts'
import { EVENTS } from '../support/session-kit.ts'
import type { Transport } from '../support/transport.ts'

let servers: Awaited<ReturnType<typeof startRealmServer>>[] = []
beforeAll(async () => {
  servers = await Promise.all([startRealmServer(), startRealmServer()])
})
afterAll(() => Promise.all(servers.map((server) => server.close())))
const origins = () => ({ origin: String(servers[0]?.origin), otherOrigin: String(servers[1]?.origin) })

/** Listens for tokens in every error of every client, and in every event of its session. */
function watched(transport: Transport): Transport {
  return {
    ...transport,
    create(session, options) {
      const send = transport.create(session, options)
      for (const name of EVENTS) session.on(name, (event) => void onTestFinished(() => expectNoToken(event, `the event ${name}`)))
      return (request) =>
        send(request).catch((error) => {
          expectNoToken(error, 'an error')
          throw error
        })
    },
  }
}

const webStream = (text: string) => new Blob([text]).stream()
contract(
  watched(
    axiosTransport('http', { streams: true, stream: (text) => Readable.from([text]), guardsCustomHeaders: true, tellsFinalUrl: true }),
  ),
  origins,
)
// The fetch adapter can be given a fetch of one's own since axios 1.12; before, it tells nothing of redirects.
const tells = Number(axios.VERSION.split('.')[1]) >= 12
contract(watched(axiosTransport('fetch', { streams: true, stream: webStream, guardsCustomHeaders: tells, tellsFinalUrl: tells })), origins)
contract(watched(fetchTransport({ streams: true, stream: webStream, guardsCustomHeaders: true, tellsFinalUrl: true })), origins)

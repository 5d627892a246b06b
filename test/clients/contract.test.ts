import { Readable } from 'node:stream'
import axios from 'axios'
import { afterAll, beforeAll } from 'vitest'
import { contract } from '../contract/contract.ts'
import { axiosTransport } from '../support/axios-transport.ts'
import { fetchTransport } from '../support/fetch-transport.ts'
import { startRealmServer } from '../support/realm-server.ts'

let servers: Awaited<ReturnType<typeof startRealmServer>>[] = []
beforeAll(async () => {
  servers = await Promise.all([startRealmServer(), startRealmServer()])
})
afterAll(() => Promise.all(servers.map((server) => server.close())))
const origins = () => ({ origin: String(servers[0]?.origin), otherOrigin: String(servers[1]?.origin) })

const webStream = (text: string) => new Blob([text]).stream()
contract(
  axiosTransport('http', { streams: true, stream: (text) => Readable.from([text]), guardsCustomHeaders: true, tellsFinalUrl: true }),
  origins,
)
// The fetch adapter can be given a fetch of one's own since axios 1.12; before, it tells nothing of redirects.
const watched = Number(axios.VERSION.split('.')[1]) >= 12
contract(axiosTransport('fetch', { streams: true, stream: webStream, guardsCustomHeaders: watched, tellsFinalUrl: watched }), origins)
contract(fetchTransport({ streams: true, stream: webStream, guardsCustomHeaders: true, tellsFinalUrl: true }), origins)

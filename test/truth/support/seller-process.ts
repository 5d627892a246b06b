// One process of an app that keeps its seller's tokens in a row; several share the row. It is told by
// messages what to do.
import axios from 'axios'
import { attach, createSession } from 'axios-renew'
import { mercadoPago } from 'axios-renew/providers'
import { MovableClock } from './movable-clock.ts'
import { openRow } from './row.ts'

/** Where everything is: the one argument of the process, in JSON. */
export interface Whereabouts {
  clientId: string
  clientSecret: string
  tokenEndpoint: string
  api: string
  /** The row. */
  path: string
}

/** What to do. */
export interface Order {
  requests: number
  /** How far the clock is ahead of the machine's, in ms. */
  ahead: number
}

/** What came of it. */
export interface Report {
  statuses: (number | string)[]
  /** Pairs that this process got from the server. */
  refreshed: number
  /** Pairs that it found in the row. */
  adopted: number
}

const { api: baseURL, path, ...mercado }: Whereabouts = JSON.parse(String(process.argv[2]))
const row = openRow(path)
const clock = new MovableClock()
const session = createSession({ ...mercadoPago(mercado), account: 4711, load: row.read, save: row.write, clock })
const counts = { refreshed: 0, adopted: 0 }
session.on('refreshed', ({ adopted }) => {
  counts[adopted ? 'adopted' : 'refreshed']++
})
const api = axios.create({ baseURL })
attach(api, session)

async function obey({ requests, ahead }: Order): Promise<Report> {
  clock.ahead = ahead
  Object.assign(counts, { refreshed: 0, adopted: 0 })
  const pay = (id: number) =>
    api.get(`/v1/payments/${id}`).then(
      ({ status }) => status,
      (error) => String(error.code),
    )
  const statuses = await Promise.all(Array.from({ length: requests }, (_, id) => pay(id)))
  return { statuses, ...counts }
}

process.on('message', async (order: Order) => process.send?.(await obey(order)))
process.send?.('ready')

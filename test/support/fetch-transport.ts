import { authFetch } from 'axios-renew/fetch'
import type { Transport } from './transport.ts'

/** The fetch client. */
export function fetchTransport(rest: Omit<Transport, 'name' | 'create'>): Transport {
  return {
    ...rest,
    name: 'fetch',
    create(session, { baseURL, origins = [new URL(baseURL).origin], ...options }) {
      const send = authFetch(session, { origins, ...options })
      return async ({ path, method = 'GET', body, headers, signal }) => {
        const url = /^https?:/.test(path) ? path : `${baseURL}/${path.replace(/^\//, '')}`
        const init = { method: method.toUpperCase(), body: body as BodyInit, headers, signal, duplex: 'half' } as RequestInit
        const response = await send(url, init)
        return { status: response.status, text: await response.text() }
      }
    },
  }
}

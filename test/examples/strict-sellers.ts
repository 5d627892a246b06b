import { createServer } from 'node:http'
import { close, listen, readText } from '../../examples/servers/listen.ts'

/** A stand-in for Mercado Pago's token endpoint, for very many sellers. */
export interface StrictSellers {
  readonly tokenEndpoint: string
  /** Token requests, by seller. */
  readonly requests: Map<string, number>
  /** Refresh tokens that came twice. */
  readonly sentTwice: string[]
  /** What a seller's token request is answered instead of tokens: the status. */
  readonly trouble: Map<string, number>
  latencyMs: number
  close(): Promise<void>
}

/** Starts it; a seller's first refresh token is `TG-<seller>-0`. */
export async function startStrictSellers(): Promise<StrictSellers> {
  const spent = new Set<string>()
  const server = createServer(async (request, response) => {
    const { refresh_token } = JSON.parse(await readText(request))
    const [, seller = '', number = ''] = String(refresh_token).split('-')
    const { requests, sentTwice, trouble, latencyMs } = sellers
    requests.set(seller, (requests.get(seller) ?? 0) + 1)
    if (spent.has(refresh_token)) sentTwice.push(refresh_token)
    if (latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, latencyMs))
    const status = trouble.get(seller) ?? (spent.has(refresh_token) ? 400 : 200)
    spent.add(refresh_token)
    const next = Number(number) + 1
    const body =
      status === 200
        ? {
            access_token: `APP_USR-${seller}-${next}`,
            refresh_token: `TG-${seller}-${next}`,
            expires_in: 15_552_000,
            user_id: Number(seller),
          }
        : { error: status === 400 ? 'invalid_grant' : 'internal_error', status }
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  const sellers: StrictSellers = {
    tokenEndpoint: `${await listen(server)}/oauth/token`,
    requests: new Map(),
    sentTwice: [],
    trouble: new Map(),
    latencyMs: 0,
    close: () => close(server),
  }
  return sellers
}

import { createServer } from 'node:http'
import { oauth2 } from 'axios-renew'
import { onTestFinished } from 'vitest'
import { close, listen, readText } from '../../../examples/servers/listen.ts'
import type { Backend } from './backends.ts'
import type { Servers } from './start-process.ts'

/** An authorization server and its API, whose refresh tokens work as often as one likes. */
export interface ReusingServer extends Servers {
  readonly tokenRequests: number
  /** Stores the tokens of a sign-in. */
  signIn(backend: Backend, account: string): Promise<void>
  /** All access tokens are invalid from now on. */
  expireAll(): void
}

const CLIENT = { clientId: 'shop-app', clientSecret: 'shop-secret' }

/** Starts one for a test; it stops with it. */
export async function startReusingServer(): Promise<ReusingServer> {
  const valid = new Set(['access-0'])
  let tokenRequests = 0
  const server = createServer(async (request, response) => {
    if (request.url === '/token') {
      const sent = new URLSearchParams(await readText(request)).get('refresh_token')
      const access_token = `access-${++tokenRequests}`
      valid.add(access_token)
      const answer = sent === 'refresh' ? { access_token, token_type: 'Bearer', expires_in: 3600 } : { error: 'invalid_grant' }
      response.writeHead(sent === 'refresh' ? 200 : 400, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    } else {
      const good = valid.has(String(request.headers.authorization).replace(/^Bearer /, ''))
      response.writeHead(good ? 200 : 401, { 'content-type': 'application/json' }).end('{}')
    }
  })
  const url = await listen(server)
  onTestFinished(() => close(server))
  const tokenEndpoint = `${url}/token`
  return {
    auth: CLIENT,
    api: { url },
    tokenEndpoint,
    get tokenRequests() {
      return tokenRequests
    },
    async signIn({ store }, account) {
      const issuedAt = Date.now()
      const tokens = { accessToken: 'access-0', refreshToken: 'refresh', issuedAt, expiresAt: issuedAt + 3_600_000 }
      const { client } = oauth2({ tokenEndpoint, ...CLIENT })
      await store.write(account, { tokens, generation: 1, lineage: 'a sign-in', client }, null)
    },
    expireAll: () => valid.clear(),
  }
}

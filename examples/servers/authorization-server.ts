import { createServer } from 'node:http'
import type { Configuration, Provider } from 'oidc-provider'
import { close, listen } from './listen.ts'

/** A token response (RFC 6749, 5.1). */
export interface TokenResponse {
  access_token: string
  refresh_token: string
  token_type: 'Bearer'
  expires_in: number
  scope: string
}

/** What an authorization server has seen; the truth that no client can talk its way around. */
export interface TokenCounters {
  /** Requests to the token endpoint. */
  tokenRequests: number
  /** Those of them that were answered with tokens. */
  refreshes: number
  /** Refresh tokens that were sent a second time. */
  reused: number
  /** Grants that were revoked because of it. */
  grantsRevoked: number
}

/** A running authorization server. */
export interface AuthorizationServer {
  readonly url: string
  readonly tokenEndpoint: string
  readonly revocationEndpoint: string
  readonly clientId: string
  readonly clientSecret: string
  /** The client that keeps no secret, as pages do. */
  readonly publicClientId: string
  readonly counters: TokenCounters
  /** Gives somebody a first pair, as if they had just authorized the app. `clientId`: default the one with the secret. */
  authorize(account: string, clientId?: string): Promise<TokenResponse>
  /** Whether an access token is good right now. */
  accepts(accessToken: string): Promise<boolean>
  /** Makes an access token invalid at once, as if its time were over. */
  expire(accessToken: string): Promise<void>
  /** Whether the account can still refresh: false once a refresh token was used twice. */
  grantAlive(account: string): Promise<boolean>
  /** Delays every answer of the token endpoint, in ms. */
  latencyMs: number
  close(): Promise<void>
}

/** Lifetimes, in seconds. */
export interface Lifetimes {
  accessToken?: number
  refreshToken?: number
}

/**
 * Starts oidc-provider, a certified authorization server, on loopback: refresh tokens are single-use,
 * and one that is used twice revokes the whole grant (RFC 9700, 4.14).
 */
export async function startAuthorizationServer({
  accessToken = 3600,
  refreshToken = 15_552_000,
}: Lifetimes = {}): Promise<AuthorizationServer> {
  const clientId = 'shop-app'
  const clientSecret = 'shop-secret'
  const publicClientId = 'shop-page'
  const counters: TokenCounters = { tokenRequests: 0, refreshes: 0, reused: 0, grantsRevoked: 0 }
  const server = createServer()
  const url = await listen(server)

  const provider = await createProvider(url, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        grant_types: ['authorization_code', 'refresh_token'],
        redirect_uris: ['https://shop.example/callback'],
        token_endpoint_auth_method: 'client_secret_post',
      },
      {
        client_id: publicClientId,
        grant_types: ['authorization_code', 'refresh_token'],
        redirect_uris: ['https://shop.example/page'],
        token_endpoint_auth_method: 'none',
      },
    ],
    scopes: ['openid', 'offline_access'],
    rotateRefreshToken: true,
    features: {
      devInteractions: { enabled: false },
      revocation: { enabled: true, allowedPolicy: (_context, client, token) => token.clientId === client.clientId },
    },
    ttl: { AccessToken: accessToken, RefreshToken: refreshToken, Grant: refreshToken, IdToken: accessToken },
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  })
  const grants = new Map<string, string>()
  const seen = new Set<string>()
  provider.on('grant.revoked', () => {
    counters.grantsRevoked++
  })
  provider.on('grant.success', () => {
    counters.refreshes++
  })

  const state = { latencyMs: 0 }
  provider.use(async (context, next) => {
    if (context.path !== '/token') return next()
    counters.tokenRequests++
    await next()
    const sent = context.oidc?.params?.refresh_token
    if (typeof sent === 'string') {
      if (seen.has(sent)) counters.reused++
      seen.add(sent)
    }
    if (state.latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, state.latencyMs))
  })
  server.on('request', provider.callback())

  return Object.assign(state, {
    url,
    tokenEndpoint: `${url}/token`,
    revocationEndpoint: `${url}/token/revocation`,
    clientId,
    clientSecret,
    publicClientId,
    counters,
    async authorize(account: string, authorized = clientId): Promise<TokenResponse> {
      const client = await provider.Client.find(authorized)
      if (!client) throw new Error('the client of the authorization server is gone')
      const grant = new provider.Grant({ accountId: account, clientId: authorized })
      grant.addOIDCScope('openid offline_access')
      const grantId = await grant.save()
      grants.set(account, grantId)
      const scope = 'openid offline_access'
      const common = { accountId: account, client, grantId, gty: 'authorization_code', scope }
      const access = new provider.AccessToken(common)
      const refresh = new provider.RefreshToken({ ...common, rotations: 0 })
      const [access_token, refresh_token] = await Promise.all([access.save(), refresh.save()])
      return { access_token, refresh_token, token_type: 'Bearer' as const, expires_in: accessToken, scope }
    },
    accepts: async (token: string) => (await provider.AccessToken.find(token)) !== undefined,
    async expire(token: string) {
      await (await provider.AccessToken.find(token))?.destroy()
    },
    async grantAlive(account: string) {
      const id = grants.get(account)
      return id !== undefined && (await provider.Grant.find(id)) !== undefined
    },
    close: () => close(server),
  })
}

type Module = typeof import('oidc-provider')

let imported: Promise<Module> | undefined

/** It warns about its development defaults (in-memory storage, keys) and about Node 20: those are meant here. */
async function createProvider(url: string, configuration: Configuration): Promise<Provider> {
  // Servers that start at once wait for one import: two of them would each give the console of the other back.
  imported ??= importQuietly()
  const { Provider } = await imported
  const unmute = mute()
  try {
    return new Provider(url, configuration)
  } finally {
    unmute()
  }
}

async function importQuietly(): Promise<Module> {
  const unmute = mute()
  try {
    return await import('oidc-provider')
  } finally {
    unmute()
  }
}

function mute(): () => void {
  const { info, warn } = console
  console.info = console.warn = () => {}
  return () => void Object.assign(console, { info, warn })
}

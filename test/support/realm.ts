/** What the server remembers of one request to the API. */
export interface SeenRequest {
  method: string
  /** Path and query below `/api`. */
  path: string
  headers: Record<string, string>
  /** The raw body, in hex. */
  body: string
  status: number
}

/** What the server knows of one test. Each test has a realm of its own, so that tests do not meet. */
export interface RealmState {
  /** The pair that is good right now. */
  accessToken: string
  refreshToken: string
  tokenRequests: number
  /** A refresh token was used twice: nothing works any more. */
  revoked: boolean
  seen: SeenRequest[]
}

/** What a test can tell the server to do; every field is optional and lasts until changed. */
export interface RealmOrders {
  /** Makes the access token invalid. */
  expire?: boolean
  /** What the token endpoint answers instead of tokens. */
  tokenAnswer?: { status: number; body: unknown; headers?: Record<string, string> } | null
  /** Lets requests go that wait at `?hold=name`. */
  release?: string
  /** The token endpoint waits until it is released as `token`. */
  holdToken?: boolean
}

/** Talks to a realm, from Node or from a page. */
export class Realm {
  readonly base: string
  /** Where the API is; the `baseURL` of clients. */
  readonly api: string

  constructor(origin: string, name: string) {
    this.base = `${origin}/${name}`
    this.api = `${this.base}/api`
  }

  async order(orders: RealmOrders): Promise<void> {
    await fetch(`${this.base}/control`, { method: 'POST', body: JSON.stringify(orders) })
  }

  async state(): Promise<RealmState> {
    return (await fetch(`${this.base}/control`)).json() as Promise<RealmState>
  }

  /** Waits until the server has seen so many API requests (those on hold included). */
  async arrived(count: number): Promise<void> {
    await fetch(`${this.base}/arrived?count=${count}`)
  }

  /** Waits until the token endpoint has been called so often. */
  async tokenRequested(count: number): Promise<void> {
    await fetch(`${this.base}/token-requested?count=${count}`)
  }

  /** A `refresh` for sessions: a plain token request. */
  refresh = async ({ refreshToken }: { refreshToken?: string }) => {
    const response = await fetch(`${this.base}/token`, { method: 'POST', body: JSON.stringify({ refresh_token: refreshToken }) })
    const data = await response.json().catch(() => undefined)
    if (!response.ok)
      throw Object.assign(new Error(`token endpoint: ${response.status}`), {
        response: { status: response.status, data, headers: response.headers },
      })
    return data
  }
}

let count = 0

/** A realm that nobody else uses. */
export function freshRealm(origin: string): Realm {
  count++
  return new Realm(origin, `r${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}${count}`)
}

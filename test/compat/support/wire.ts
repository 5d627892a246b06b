import axios, {
  type AxiosAdapter,
  AxiosError,
  AxiosHeaders,
  type AxiosInstance,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios'
import type { Authority, Tokens } from './authority.ts'
import { fateOf, PENDING } from './fate.ts'

/** How long answers travel, in ms of the wire's own time. */
export interface Latency {
  /** The n-th answer of the API. Default 10. */
  api?: (request: number) => number
}

/** How long answers of the token endpoint travel. */
const TOKEN_LATENCY = 20

/** An answer on its way. */
interface Parcel {
  at: number
  deliver: () => void
}

/**
 * A network in this process with a time of its own: answers arrive in the order of their latencies, and
 * between two of them everything comes to rest. So races end the same way in every run, and a dead-lock
 * is a fact (nothing is on the way and somebody still waits) and no guess.
 */
export class Wire {
  /** What arrived at the API. */
  readonly requests: InternalAxiosRequestConfig[] = []
  /** The status with which the token endpoint refuses. Home-made ones say 401. */
  refusal = 400
  #parcels: Parcel[] = []
  #now = 0
  #delivered = 0

  constructor(
    readonly authority: Authority,
    readonly latency: Latency = {},
  ) {}

  /** A client of the API; `/token` is the token endpoint. */
  client(): AxiosInstance {
    return axios.create({ baseURL: 'https://api.example.com', adapter: this.#adapter })
  }

  /** The token request of an app that uses a bare client. */
  refresh = async (refreshToken: string): Promise<Tokens> => (await this.client().post<Tokens>('/token', refreshToken)).data

  /** What becomes of requests, once all answers have arrived. */
  async fates(requests: readonly Promise<{ status: number }>[]): Promise<string[]> {
    const fates = follow(requests)
    await this.run(() => !fates.includes(PENDING))
    return fates
  }

  /** Delivers answers until something is the case; by default until none is on the way. */
  async run(until = () => false): Promise<void> {
    for (await quiet(); !until(); await quiet()) {
      const next = this.#parcels.reduce<Parcel | undefined>((first, parcel) => (first && first.at <= parcel.at ? first : parcel), undefined)
      if (!next) return
      if (++this.#delivered > 50_000) throw new Error('the requests do not come to an end')
      this.#parcels = this.#parcels.filter((parcel) => parcel !== next)
      this.#now = next.at
      next.deliver()
    }
  }

  #adapter: AxiosAdapter = async (config) => {
    if (config.url === '/token') {
      const tokens = this.authority.refresh(String(config.data))
      await this.#travel(TOKEN_LATENCY)
      return answer(config, tokens ? 200 : this.refusal, tokens ?? { error: 'invalid_grant' })
    }
    // Decided when it arrives; then the answer travels.
    const good = this.authority.accepts(config.headers.get('Authorization'))
    const nth = this.requests.push({ ...config }) - 1
    await this.#travel(this.latency.api?.(nth) ?? 10)
    return answer(config, good ? 200 : 401, { good })
  }

  #travel(ms: number): Promise<void> {
    return new Promise((deliver) => this.#parcels.push({ at: this.#now + ms, deliver }))
  }
}

/** The fates of requests; they change as the requests settle. */
export function follow(requests: readonly Promise<{ status: number }>[]): string[] {
  const fates = requests.map(() => PENDING)
  requests.forEach(async (request, i) => {
    fates[i] = await fateOf(request)
  })
  return fates
}

/** Lets all promises that can settle do so. */
async function quiet(): Promise<void> {
  for (let i = 0; i < 2; i++) await new Promise((resolve) => setImmediate(resolve))
}

/** Settles as axios' own adapters do. */
function answer(config: InternalAxiosRequestConfig, status: number, body: object): AxiosResponse {
  const headers = new AxiosHeaders({ 'content-type': 'application/json' })
  const response = { data: JSON.stringify(body), status, statusText: '', headers, config, request: {} }
  if (!config.validateStatus || config.validateStatus(status)) return response
  throw new AxiosError(`Request failed with status code ${status}`, AxiosError.ERR_BAD_REQUEST, config, {}, response)
}

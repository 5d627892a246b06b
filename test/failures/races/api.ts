import { type AxiosAdapter, AxiosError, type AxiosResponse, CanceledError, type InternalAxiosRequestConfig } from 'axios'

/** An API in memory, as the adapter of an axios instance. It judges a request when it comes in; its answers can be held back. */
export class Api {
  /** Answers wait for `held`. */
  hold = true
  readonly held: { path: string; respond: () => void }[] = []
  readonly #accepts: (token: string) => boolean
  readonly #onSend: (path: string, token: string | undefined) => void

  /**
   * @param accepts whether an access token is good.
   * @param onSend hears of every send.
   */
  constructor(accepts: (token: string) => boolean, onSend: (path: string, token: string | undefined) => void) {
    this.#accepts = accepts
    this.#onSend = onSend
  }

  adapter: AxiosAdapter = async (config) => {
    const path = String(config.url)
    const token = /^Bearer (.+)$/.exec(String(config.headers.get('Authorization') ?? ''))?.[1]
    this.#onSend(path, token)
    const status = token !== undefined && this.#accepts(token) ? 200 : 401
    if (this.hold) await this.#released(path, config)
    const response: AxiosResponse = { status, statusText: '', headers: {}, config, data: '' }
    if (status === 401) throw new AxiosError('status 401', AxiosError.ERR_BAD_REQUEST, config, undefined, response)
    return response
  }

  #released(path: string, { signal }: InternalAxiosRequestConfig): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.addEventListener?.('abort', () => reject(new CanceledError()))
      this.held.push({ path, respond: resolve })
    })
  }
}

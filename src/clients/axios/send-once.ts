import type { AxiosAdapter, AxiosHeaders, AxiosResponse, InternalAxiosRequestConfig } from 'axios'
import { sealStream } from '#platform'
import { conceal } from '../../core/errors/conceal.ts'

/** A response, and the error it came with if axios counts it as one. */
export interface Outcome {
  response: AxiosResponse
  failure?: unknown
}

/** What a send changes in the configuration, for as long as it lasts. */
export interface Changes {
  headers: AxiosHeaders
  beforeRedirect?: InternalAxiosRequestConfig['beforeRedirect']
}

/** Headers of their own for one send: adapters add to them (`Content-Length`), and a replay must not inherit that. */
export function forkHeaders(headers: AxiosHeaders): AxiosHeaders {
  return Object.assign(Object.create(Object.getPrototypeOf(headers)), headers)
}

/**
 * Sends with a changed configuration and takes the changes back before anybody sees it: callers find
 * their own configuration on the response or error, without the token.
 *
 * @param changes the configuration itself changes nothing. The request is kept out of logs all the same: by its
 * agent it knows of others, which have the token.
 * @param more further changes, which are rare.
 */
export async function sendOnce(
  adapter: AxiosAdapter,
  config: InternalAxiosRequestConfig,
  changes: Changes,
  more?: Partial<InternalAxiosRequestConfig>,
): Promise<Outcome> {
  const { headers, beforeRedirect } = config
  const own = more && exchange(config, more)
  config.headers = changes.headers
  config.beforeRedirect = changes.beforeRedirect
  try {
    const response = await adapter(config)
    return { response: sealed(response, config) }
  } catch (failure) {
    const { config: given, response } = Object(failure)
    if (given) (failure as { config: unknown }).config = config
    conceal(failure, 'request')
    if (!response) throw failure
    return { response: sealed(response, config), failure }
  } finally {
    config.headers = headers
    if (beforeRedirect) config.beforeRedirect = beforeRedirect
    else delete config.beforeRedirect
    if (own) exchange(config, own)
  }
}

/** What axios makes of an outcome. */
export function settled({ response, failure }: Outcome): AxiosResponse {
  if (failure) throw failure
  return response
}

/** Puts values into the configuration and gives back what they replaced. */
function exchange<Values extends Partial<InternalAxiosRequestConfig>>(config: InternalAxiosRequestConfig, values: Values): Values {
  const former = {} as Values
  for (const key in values) {
    const name = key as unknown as 'data'
    former[key] = config[name]
    if (values[key] === undefined) delete config[name]
    else config[name] = values[key]
  }
  return former
}

/** Keeps the request as it was sent out of logs: it holds the token. */
function sealed(response: AxiosResponse, config: InternalAxiosRequestConfig): AxiosResponse {
  response.config = config
  if (response.request) conceal(response, 'request')
  sealStream(response.data)
  return response
}

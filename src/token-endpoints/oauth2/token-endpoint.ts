import axios, { type AxiosInstance, type AxiosRequestConfig, isAxiosError } from 'axios'
import axiosRetry, { exponentialDelay } from 'axios-retry'
import { authenticateClient, type ClientCredentials } from './authenticate-client.ts'
import { readAnswer } from './read-answer.ts'

/** What an endpoint answered; or why there is no answer. */
export interface Answer {
  status?: number
  headers?: unknown
  /** Parsed; `undefined` when it could not be. */
  body?: unknown
  /** The raw body. */
  text?: string
  /** The error, when no answer came. */
  failure?: unknown
  /** The request cannot have reached the server. */
  neverLeft?: boolean
}

/** How requests to an endpoint are made. */
export interface EndpointOptions extends ClientCredentials {
  format?: 'form' | 'json'
  headers?: Record<string, string>
  request?: AxiosRequestConfig
}

/** Posts parameters to an endpoint of the authorization server. */
export type Post = (url: string, parameters: Record<string, string>, signal?: AbortSignal) => Promise<Answer>

/** Larger answers are not read, in bytes: token responses are small. */
const LARGEST_ANSWER = 2 ** 20

/**
 * Makes requests to an authorization server, on an axios instance of their own: nothing that the app
 * has attached to its instances runs here.
 */
export function createEndpoint(options: EndpointOptions): Post {
  const client = createClient(options.request)
  return async (url, parameters, signal) => {
    const sent = authenticateClient(options, parameters)
    try {
      const {
        status,
        headers,
        data: text,
      } = await client.post(url, serialize(sent.parameters, options.format), {
        headers: {
          Accept: 'application/json',
          'Content-Type': CONTENT_TYPES[options.format ?? 'form'],
          ...sent.headers,
          ...options.headers,
        },
        signal,
        responseType: 'text',
        transformResponse: [],
        validateStatus: () => true,
        // The token must not travel to where a redirect points; older fetch adapters heed only the latter.
        maxRedirects: 0,
        fetchOptions: { ...options.request?.fetchOptions, redirect: 'manual' },
      })
      return { status, headers, text, body: readAnswer(text) }
    } catch (failure) {
      return { failure, neverLeft: neverLeft(failure) }
    }
  }
}

/**
 * What an app has set on axios itself (a token, a content type, transforms, a timeout) is meant for its
 * API, and `axios.create` would take it over. Only how the network is reached holds here, too.
 */
function createClient(request: AxiosRequestConfig = {}): AxiosInstance {
  const { adapter, proxy, httpAgent, httpsAgent } = axios.defaults
  const client = axios.create()
  for (const key of Object.keys(client.defaults)) delete client.defaults[key as keyof typeof client.defaults]
  const own = { adapter, proxy, httpAgent, httpsAgent, headers: {}, maxContentLength: LARGEST_ANSWER }
  Object.assign(client.defaults, axios.mergeConfig(own, request))
  // A POST may be repeated only if it cannot have reached the server: the refresh token may be single-use.
  axiosRetry(client, { retries: 2, retryDelay: exponentialDelay, retryCondition: neverLeft })
  return client
}

const CONTENT_TYPES = { form: 'application/x-www-form-urlencoded', json: 'application/json' }

function serialize(parameters: Record<string, string>, format: EndpointOptions['format']): string {
  if (format === 'json') return JSON.stringify(parameters)
  return new URLSearchParams(Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== undefined))).toString()
}

/** System calls that come before anything is sent: looking up the address, and connecting. */
const CALLS_BEFORE_SENDING = /^(connect|getaddrinfo|query)/
/**
 * Codes of errors that come before anything is sent: no connection, no address, no trusted certificate. Not `ERR_SSL_`: what the server
 * says of our certificate comes, with TLS 1.3, when the request may have left.
 */
const CODES_BEFORE_SENDING = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|(?!ERR_SSL_).*CERT.*|UNABLE_TO_.*|ERR_INVALID_URL|HOSTNAME_MISMATCH)$/

function neverLeft(error: unknown): boolean {
  if (!isAxiosError(error)) return false
  const reason = Object(error.cause ?? error)
  // Node tries one address after the other, and gives all their errors.
  const { code, syscall } = Object(reason.errors?.[0] ?? reason)
  // A route can also be lost after the request was sent: the call that failed tells.
  return syscall ? CALLS_BEFORE_SENDING.test(syscall) : CODES_BEFORE_SENDING.test(code)
}

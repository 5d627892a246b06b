import axios, { type AxiosRequestConfig, isAxiosError } from 'axios'
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
  const client = axios.create({ maxContentLength: LARGEST_ANSWER, ...options.request })
  // A POST may be repeated only if it cannot have reached the server: the refresh token may be single-use.
  axiosRetry(client, { retries: 2, retryDelay: exponentialDelay, retryCondition: neverLeft })
  return async (url, parameters, signal) => {
    const client_ = authenticateClient(options, parameters)
    const data = options.format === 'json' ? client_.parameters : new URLSearchParams(client_.parameters)
    try {
      const {
        status,
        headers,
        data: text,
      } = await client.post(url, data, {
        headers: { Accept: 'application/json', ...client_.headers, ...options.headers },
        signal,
        // The token must not travel to where a redirect points.
        maxRedirects: 0,
        responseType: 'text',
        transformResponse: [],
        validateStatus: () => true,
      })
      return { status, headers, text, body: readAnswer(text) }
    } catch (failure) {
      return { failure, neverLeft: neverLeft(failure) }
    }
  }
}

/** Codes of errors that come before anything is sent: no connection, no address, no trusted certificate. */
const BEFORE_SENDING =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|.*CERT.*|UNABLE_TO_.*|ERR_TLS_.*|ERR_SSL_.*|ERR_INVALID_URL|HOSTNAME_MISMATCH)$/

function neverLeft(error: unknown): boolean {
  return isAxiosError(error) && BEFORE_SENDING.test(error.code ?? '')
}

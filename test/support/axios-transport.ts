import axios, { type AxiosRequestConfig } from 'axios'
import type { Session } from 'axios-renew'
import { attach } from 'axios-renew'
import type { TestClient, TestClientOptions, Transport } from './transport.ts'

/** axios with one of its adapters. */
export function axiosTransport(adapter: 'http' | 'xhr' | 'fetch', rest: Omit<Transport, 'name' | 'create'>): Transport {
  return { ...rest, name: `axios-${adapter}`, create: (session, options) => createClient({ adapter }, session, options) }
}

function createClient(config: AxiosRequestConfig, session: Session, { baseURL, ...options }: TestClientOptions): TestClient {
  const instance = axios.create({ ...config, baseURL })
  attach(instance, session, options)
  return async ({ path: url, method = 'get', body: data, headers, signal }) => {
    const response = await instance.request({ url, method, data, headers, signal, validateStatus: () => true, responseType: 'text' })
    return { status: response.status, text: String(response.data) }
  }
}

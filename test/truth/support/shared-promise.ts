import axios, { type AxiosError, type AxiosInstance, type InternalAxiosRequestConfig } from 'axios'
import type { TruthStage } from './stage.ts'

/** The good kind of the interceptor everybody writes: as by hand in the demo, but 401s share a refresh that runs. */
export function sharedPromise({ server, payments, pair, file }: TruthStage): AxiosInstance {
  let tokens = pair
  let refreshing: Promise<void> | undefined

  async function refresh(): Promise<void> {
    const { clientId: client_id, clientSecret: client_secret, tokenEndpoint } = server
    const { refresh_token } = tokens
    const { data } = await axios.post(tokenEndpoint, { grant_type: 'refresh_token', client_id, client_secret, refresh_token })
    await file.write(data)
    tokens = data
  }

  const api = axios.create({ baseURL: payments.url })
  api.interceptors.request.use((config) => {
    config.headers.set('Authorization', `Bearer ${tokens.access_token}`)
    return config
  })
  api.interceptors.response.use(undefined, async (error: AxiosError) => {
    const config = error.config as InternalAxiosRequestConfig & { retried?: boolean }
    if (error.response?.status !== 401 || config.retried) throw error
    config.retried = true
    refreshing ??= refresh().finally(() => {
      refreshing = undefined
    })
    await refreshing
    return api(config)
  })
  return api
}

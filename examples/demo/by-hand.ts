import axios, { type AxiosError, type AxiosInstance, type InternalAxiosRequestConfig } from 'axios'
import type { Stage } from './stage.ts'

/** The way it is mostly done: on 401 refresh, save, send again. Right for one request at a time. */
export async function byHand({ server, payments, pair, file }: Stage): Promise<AxiosInstance> {
  let tokens = pair
  await file.write(tokens)

  const api = axios.create({ baseURL: payments.url })
  api.interceptors.request.use((config) => {
    config.headers.Authorization = `Bearer ${tokens.access_token}`
    return config
  })
  api.interceptors.response.use(undefined, async (error: AxiosError) => {
    const config = error.config as InternalAxiosRequestConfig & { retried?: boolean }
    if (error.response?.status !== 401 || config.retried) throw error
    config.retried = true
    const { data } = await axios.post(server.tokenEndpoint, {
      grant_type: 'refresh_token',
      client_id: server.clientId,
      client_secret: server.clientSecret,
      refresh_token: tokens.refresh_token,
    })
    tokens = data
    await file.write(tokens)
    return api(config)
  })
  return api
}

import axios, { type AxiosError, type InternalAxiosRequestConfig } from 'axios'
import type { Recorder } from '../recording/recorder.ts'
import type { NumberedTokens } from '../servers/lane.ts'
import { type Contestant, type Endpoints, forServices } from './contestant.ts'

/** Where the hand-written interceptor keeps its tokens; `sessionStorage` in a page. */
export interface SimpleStorage {
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

const KEY = 'tokens'

/** The way it is mostly done: on 401 refresh, save, send again. Right for one request at a time. */
export function createByHand({ services, clientId, auth }: Endpoints, storage: SimpleStorage, recorder: Recorder): Contestant {
  let tokens: NumberedTokens | undefined

  function keep(fresh: NumberedTokens): void {
    tokens = fresh
    recorder.know(fresh.access_token, fresh.pair)
    recorder.save(fresh.pair, () => storage.setItem(KEY, JSON.stringify(fresh)))
  }

  async function refresh(): Promise<void> {
    const form = new URLSearchParams({ grant_type: 'refresh_token', client_id: clientId, refresh_token: tokens?.refresh_token ?? '' })
    const { data } = await axios.post(`${auth}/token`, form)
    keep(data)
    return data
  }

  const instances = forServices((service) => {
    const api = axios.create({ baseURL: services[service] })
    api.interceptors.request.use((config) => {
      if (tokens) config.headers.Authorization = `Bearer ${tokens.access_token}`
      return config
    })
    api.interceptors.response.use(undefined, async (error: AxiosError) => {
      const config = error.config as InternalAxiosRequestConfig & { retried?: boolean }
      if (error.response?.status !== 401 || config.retried || !tokens) throw error
      config.retried = true
      await recorder.tokenRequest(refresh)
      return api(config)
    })
    return api
  })

  return {
    name: 'by-hand',
    instances,
    standing: () => (tokens ? 'signed in' : 'signed out'),
    pair: () => tokens?.pair,
    signIn: async (first) => keep(first as NumberedTokens),
    async signOut() {
      tokens = undefined
      storage.removeItem(KEY)
    },
  }
}

/** A storage where there is no browser. */
export function createMemory(): SimpleStorage {
  const kept = new Map<string, string>()
  return { setItem: (key, value) => void kept.set(key, value), removeItem: (key) => void kept.delete(key) }
}

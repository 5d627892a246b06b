import { Agent } from 'node:http'
import axios from 'axios'
import { createClient } from 'redis'
import type { Request, Setup, StoredPair } from './protocol.ts'

/**
 * The good kind of what everybody writes: the pairs in Redis, one refresh promise an account and process, and a look
 * whether another process has stored a newer pair before the token request. No lock.
 */
export async function requestWithSharedPromise({ port, api: baseURL, tokenEndpoint, clientId, clientSecret }: Setup): Promise<Request> {
  const redis = createClient({ url: `redis://127.0.0.1:${port}` })
  await redis.connect()
  const api = axios.create({ baseURL, httpAgent: new Agent({ keepAlive: true, maxSockets: 16 }) })
  const refreshing = new Map<string, Promise<StoredPair>>()

  async function read(account: string): Promise<StoredPair> {
    return JSON.parse(String(await redis.get(account)))
  }

  async function refresh(account: string, rejected: string): Promise<StoredPair> {
    const stored = await read(account)
    if (stored.accessToken !== rejected) return stored
    const form = { grant_type: 'refresh_token', refresh_token: stored.refreshToken, client_id: clientId, client_secret: clientSecret }
    const { data } = await axios.post(tokenEndpoint, new URLSearchParams(form))
    const pair = { accessToken: data.access_token, refreshToken: data.refresh_token }
    await redis.set(account, JSON.stringify(pair))
    return pair
  }

  const send = (token: string) =>
    api.get('/v1/payments/1', { headers: { Authorization: `Bearer ${token}` }, validateStatus: null }).then(({ status }) => status)

  async function request(account: string): Promise<boolean> {
    const { accessToken } = await read(account)
    const status = await send(accessToken)
    if (status !== 401) return status === 200
    let refreshed = refreshing.get(account)
    if (!refreshed) {
      refreshed = refresh(account, accessToken).finally(() => refreshing.delete(account))
      refreshing.set(account, refreshed)
    }
    return (await send((await refreshed).accessToken)) === 200
  }
  return (account) => request(account).catch(() => false)
}

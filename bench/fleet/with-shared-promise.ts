import { Agent } from 'node:http'
import axios from 'axios'
import { createClient } from 'redis'
import type { Request, Setup, StoredPair } from './protocol.ts'

/**
 * The good kind of what everybody writes: the pairs in Redis, with their expiry; a refresh before a request whose token has
 * expired, and on a 401; one refresh promise an account and process, and a look whether another process has stored a newer
 * pair before the token request. No lock.
 */
export async function requestWithSharedPromise({ port, api: baseURL, tokenEndpoint, clientId, clientSecret }: Setup): Promise<Request> {
  const redis = createClient({ url: `redis://127.0.0.1:${port}` })
  await redis.connect()
  const api = axios.create({ baseURL, httpAgent: new Agent({ keepAlive: true, maxSockets: 16 }) })
  const refreshing = new Map<string, Promise<StoredPair>>()

  async function read(account: string): Promise<StoredPair> {
    return JSON.parse(String(await redis.get(account)))
  }

  async function refresh(account: string, useless: string): Promise<StoredPair> {
    const stored = await read(account)
    if (stored.accessToken !== useless) return stored
    const form = { grant_type: 'refresh_token', refresh_token: stored.refreshToken, client_id: clientId, client_secret: clientSecret }
    const { data } = await axios.post(tokenEndpoint, new URLSearchParams(form))
    const expiresAt = Date.now() + data.expires_in * 1000
    const pair = { accessToken: data.access_token, refreshToken: data.refresh_token, expiresAt }
    await redis.set(account, JSON.stringify(pair))
    return pair
  }

  function refreshOnce(account: string, useless: string): Promise<StoredPair> {
    let refreshed = refreshing.get(account)
    if (!refreshed) {
      refreshed = refresh(account, useless).finally(() => refreshing.delete(account))
      refreshing.set(account, refreshed)
    }
    return refreshed
  }

  const send = (token: string) =>
    api.get('/v1/payments/1', { headers: { Authorization: `Bearer ${token}` }, validateStatus: null }).then(({ status }) => status)

  async function request(account: string): Promise<boolean> {
    const stored = await read(account)
    const { accessToken } = stored.expiresAt > Date.now() ? stored : await refreshOnce(account, stored.accessToken)
    const status = await send(accessToken)
    if (status !== 401) return status === 200
    return (await send((await refreshOnce(account, accessToken)).accessToken)) === 200
  }
  return (account) => request(account).catch(() => false)
}

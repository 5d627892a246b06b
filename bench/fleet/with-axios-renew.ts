import { Agent } from 'node:http'
import axios from 'axios'
import { attach, createSessionPool, oauth2, type TokenStore } from 'axios-renew'
import { postgresStore } from 'axios-renew/postgres'
import { redisStore } from 'axios-renew/redis'
import pg from 'pg'
import { createClient } from 'redis'
import type { Request, Setup } from './protocol.ts'

/** This library: a pool over a store. */
export async function requestWithAxiosRenew({ way, port, api: baseURL, tokenEndpoint, clientId, clientSecret }: Setup): Promise<Request> {
  const pool = createSessionPool({ ...oauth2({ tokenEndpoint, clientId, clientSecret }), store: await openStore(way, port) })
  const api = axios.create({ baseURL, httpAgent: new Agent({ keepAlive: true, maxSockets: 16 }) })
  attach(api, pool)
  return (account) =>
    api.get('/v1/payments/1', { renew: { account } }).then(
      () => true,
      () => false,
    )
}

async function openStore(way: Setup['way'], port: number): Promise<TokenStore> {
  if (way === 'axios-renew over PostgreSQL')
    return postgresStore(new pg.Pool({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres', max: 5 }))
  const redis = createClient({ url: `redis://127.0.0.1:${port}` })
  await redis.connect()
  return redisStore(redis)
}

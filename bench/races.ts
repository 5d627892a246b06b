import axios, { type AxiosInstance } from 'axios'
import type { Contestant } from './contestants/contestant.ts'
import type { Lane, Sample } from './measure.ts'
import { BenchServer, type ServerOptions } from './server.ts'

/** Requests one after another, with a token that is good: what a client adds to every request. */
export function sequence(contestant: Contestant, requests: number): Lane {
  const server = new BenchServer({ open: true, jwt: contestant.needsJwt })
  const api = instance(server)
  contestant.protect([api], server)
  return {
    name: contestant.name,
    async run() {
      server.authorized = 0
      const startedAt = performance.now()
      for (let i = 0; i < requests; i++) await api.get(`/v1/payments/${i % 50}`, { params: { expand: 'payer', page: i % 7 } })
      const { authorized: ok, refreshes, grantAlive } = server
      return { ms: performance.now() - startedAt, ok, refreshes, grantAlive }
    },
  }
}

/** Requests all at once, just after the access token was revoked, or long after it has expired. */
export function burst(contestant: Contestant, requests: number, { instances = 1, rounds, jitterMs, expired }: BurstOptions = {}): Lane {
  return {
    name: contestant.name,
    rounds,
    run: (round) =>
      oneBurst(contestant, requests, instances, {
        latencyMs: jitterMs ? jitter(jitterMs, round) : undefined,
        jwt: contestant.needsJwt,
        expired,
      }),
  }
}

/** How a burst is sent. */
export interface BurstOptions {
  /** Axios instances that share the session. Default 1. */
  instances?: number
  /** Answers take from 0 to this, in ms. Default: one turn of the event loop. */
  jitterMs?: number
  /** The token has expired, and its expiry tells; default: it was revoked, and only a 401 tells. */
  expired?: boolean
  /** See {@link Lane}. */
  rounds?: number
}

async function oneBurst(contestant: Contestant, requests: number, count: number, options: ServerOptions): Promise<Sample> {
  const server = new BenchServer(options)
  const instances = Array.from({ length: count }, () => instance(server))
  contestant.protect(instances, server)
  if (!options.expired) {
    await Promise.all(instances.map((api) => api.get('/v1/users/me')))
    server.revoke()
  }

  const startedAt = performance.now()
  const answers = Array.from({ length: requests }, (_, i) => instances[i % count]?.get(`/v1/payments/${i}`))
  const outcomes = await Promise.allSettled(answers)
  const ms = performance.now() - startedAt
  const ok = outcomes.filter(({ status }) => status === 'fulfilled').length
  return { ms, ok, refreshes: server.refreshes, grantAlive: server.grantAlive }
}

function instance({ adapter }: BenchServer): AxiosInstance {
  return axios.create({ baseURL: 'https://api.example.com', adapter })
}

/** Latencies that look random and are the same for every contestant of a round (a linear congruential generator). */
function jitter(mostMs: number, round: number): () => number {
  let state = round + 1000
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state / 2 ** 32) * mostMs
  }
}

import type { AxiosInstance } from 'axios'
import { type Stage, setStage } from './stage.ts'

/** What can be read off at any moment: the servers' counters, and what the callers got. */
export interface Reading {
  /** 401s that the payments API has answered. */
  unauthorized: number
  ok: number
  /** Requests that reached the payments API with another token than the expired one. */
  replayed: number
  tokenRequests: number
  /** Refresh tokens that came a second time. */
  reused: number
  grantsRevoked: number
  /** Callers that got an error. */
  failed: number
}

/** How a contestant did. */
export interface Result extends Reading {
  requests: number
  /** Callers that got their payment. */
  succeeded: number
  /** Requests that had left with the new token before it was on the disk. */
  usedBeforeSaved: number
  grantAlive: boolean
  durationMs: number
}

/** Follows a contest for whoever looks on. */
export interface Onlooker {
  /** The requests leave now. */
  begin(read: () => Reading): void
  /** A new pair has just been written to the disk. */
  written(): void
  end(): void
}

/** Gives an axios instance that knows the seller's tokens. */
export type Contestant = (stage: Stage) => Promise<AxiosInstance>

/** Sends that many requests at once, with a token that has just expired. */
export async function contest(contestant: Contestant, requests: number, onlooker?: Onlooker): Promise<Result> {
  const stage = await setStage()
  try {
    const api = await contestant(stage)
    await stage.expire()

    let failed = 0
    let usedBeforeSaved: number | undefined
    const read = () => takeReading(stage, failed)
    stage.onWritten = () => {
      usedBeforeSaved ??= stage.replayed
      onlooker?.written()
    }
    const pay = async (id: number) => {
      await api.get(`/v1/payments/${id}`).catch(() => {
        failed++
      })
    }
    onlooker?.begin(read)
    const startedAt = performance.now()
    await Promise.all(Array.from({ length: requests }, (_, id) => pay(id)))
    const durationMs = Math.round(performance.now() - startedAt)
    onlooker?.end()

    const grantAlive = await stage.grantAlive()
    return { requests, succeeded: requests - failed, ...read(), usedBeforeSaved: usedBeforeSaved ?? stage.replayed, grantAlive, durationMs }
  } finally {
    await stage.strike()
  }
}

function takeReading({ payments, server, replayed }: Stage, failed: number): Reading {
  const { unauthorized, ok } = payments.counters
  const { tokenRequests, reused, grantsRevoked } = server.counters
  return { unauthorized, ok, replayed, tokenRequests, reused, grantsRevoked, failed }
}

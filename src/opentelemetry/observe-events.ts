import type { Clock } from '../core/clock.ts'
import type { SessionPool } from '../core/pool/create-pool.ts'
import type { Session } from '../core/session/session-handle.ts'
import type { Instruments } from './instruments.ts'
import { secondsBetween } from './seconds-between.ts'

/** Counts what the events tell. */
export function observeEvents(source: Session | SessionPool, instruments: Instruments, clock: Clock): () => void {
  const { refreshes, coolDowns, coolDownDuration, replays, withheld, saveFailures, storeDegradations, ended } = instruments
  const { on } = source as Session
  const stops = [
    on('refreshed', ({ adopted }) => refreshes.add(1, { 'axios_renew.refresh.outcome': adopted ? 'adopted' : 'refreshed' })),
    on('refresh-failed', ({ error, retryAt }) => {
      if (retryAt === undefined) return
      const attributes = { 'error.type': error.code }
      coolDowns.add(1, attributes)
      coolDownDuration.record(secondsBetween(clock.now(), retryAt), attributes)
    }),
    on('replayed', ({ late }) => replays.add(1, { 'axios_renew.replay.late': late })),
    on('withheld', ({ reason }) => withheld.add(1, { 'axios_renew.withheld.reason': reason })),
    on('save-failed', () => saveFailures.add(1)),
    on('store-degraded', () => storeDegradations.add(1)),
    on('ended', () => ended.add(1)),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

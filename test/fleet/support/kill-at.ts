import type { Backend } from './backends.ts'
import type { Step } from './protocol.ts'
import type { Stage } from './stage.ts'
import { type FleetProcess, startProcess } from './start-process.ts'

/** Where the holder of the lock is killed: at the step it waits for, or while that stands still on the way to the token endpoint. */
export type KillPoint = Step | 'request' | 'answer'

const LEASE_MS = 1000

/** Kills one process there, while another one waits; gives the other, and what came of its request. */
export async function killAt(stage: Stage, backend: Backend, seller: string, at: KillPoint): Promise<[FleetProcess, Promise<object>]> {
  const onTheWire = at === 'request' || at === 'answer'
  const wire = onTheWire ? stage.gate.holdNext(at) : undefined
  const [holder, other] = await Promise.all([
    startProcess(stage, backend, { leaseMs: LEASE_MS, ...(!onTheWire && { stopAt: at }) }),
    startProcess(stage, backend, { leaseMs: LEASE_MS }),
  ])
  const first = holder.request(seller)
  first.catch(() => {})
  const held = await wire
  if (!held) await holder.stopped
  const outcome = other.request(seller)
  await holder.kill()
  held?.drop()
  return [other, outcome]
}

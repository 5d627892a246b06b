import { fakeClock } from 'axios-renew/testing'
import { settle } from '../../../src/testing/settle.ts'
import { Evidence } from './evidence.ts'
import { FaultyStore, LEASE_MS } from './faulty-store.ts'
import { Pool } from './pool.ts'
import { type Setup, ShopProcess, type Surroundings } from './shop-process.ts'
import { StrictServer } from './strict-server.ts'

/** More are never alive at once. */
const MOST = 4
const MINUTE = 60_000

/** Several processes over one store, which act only when a step says so. */
export class ScheduleWorld implements Surroundings {
  readonly clock = fakeClock()
  readonly pool = new Pool()
  readonly evidence = new Evidence()
  readonly store = new FaultyStore(this.pool, this.clock, this.evidence)
  readonly server = new StrictServer(this.pool, this.evidence)
  readonly processes: ShopProcess[] = []
  readonly setup: Setup
  #started = 0

  constructor(setup: Setup, processes: number) {
    this.setup = setup
    for (let i = 0; i < processes; i++) this.start()
  }

  get living(): ShopProcess[] {
    return this.processes.filter(({ condition }) => condition !== 'crashed')
  }

  get running(): ShopProcess[] {
    return this.processes.filter(({ condition }) => condition === 'running')
  }

  pick(which: number): ShopProcess | undefined {
    const { running } = this
    return running[which % Math.max(1, running.length)]
  }

  /** With an empty memory. */
  start(): void {
    if (this.living.length < MOST) this.processes.push(new ShopProcess(`p${++this.#started}`, this))
  }

  crash(process: ShopProcess | undefined, arrives: boolean): void {
    if (!process) return
    this.store.fallSilent(process)
    this.evidence.crashed(process)
    this.pool.crash(process, arrives)
    if (this.living.length === 0) this.start()
  }

  /**
   * The store loses what is newest, while somebody is there to bring it back. Lineages have no order: across a sign-in or
   * sign-out only those who have seen both of them know which one is older, so there everybody must have.
   */
  loseStore(writes: number): void {
    const { row } = this.store
    const older = this.store.before(writes)?.record.lineage
    const isNewest = ({ closed, condition, memory }: ShopProcess) =>
      !closed && condition === 'running' && memory.lineage === row?.record.lineage && memory.generation === row?.record.generation
    const hasSeenBoth = ({ memory }: ShopProcess) =>
      memory.lineage === row?.record.lineage && (older === undefined || older === memory.lineage || memory.formerLineages.includes(older))
    if (this.processes.some(isNewest) && this.living.every(hasSeenBoth)) this.store.rollBack(writes)
  }

  /** Somebody is signed in, and all know. */
  async open(): Promise<void> {
    this.processes[0]?.signIn()
    await this.drain()
    for (const process of this.processes) void process.getTokens()
    await this.drain()
  }

  /** Lets everything that has begun come to its end. */
  async drain(): Promise<void> {
    const { calm } = this.pool
    this.pool.calm = true
    await settle()
    if (!this.pool.flow()) this.evidence.breach('it would never end')
    await settle()
    this.pool.calm = calm
  }

  /** Nothing fails any more, and time passes until nothing is left to do. */
  async calmDown(): Promise<void> {
    this.store.isReadOnly = false
    for (const process of this.processes) process.goOn()
    await this.drain()
    this.pool.calm = true
    for (const ms of [1000, LEASE_MS, MINUTE, MINUTE, MINUTE, 2 * MINUTE]) {
      await this.clock.advance(ms)
      await this.drain()
    }
  }
}

/** What becomes of a step. Not `'works'`: whoever waits for it gets an error; `'reply lost'`: though it has happened. */
export type Fate = 'works' | 'fails' | 'reply lost'

/** Something on a machine of its own: when it is silent or has crashed, nothing goes on there. */
export interface Host {
  readonly name: string
  condition: 'running' | 'silent' | 'crashed'
}

/** Something that is under way between a process and the rest of the world. */
export interface Step {
  readonly by: Host
  readonly what: string
  /** It cannot happen now. */
  blocked?(): boolean
  happen(fate: Fate): void
  /** Its process has crashed. */
  abandon?(arrives: boolean): void
}

/** More than any calm world needs, also when a store that hung for hours, and was asked every few seconds, answers all of it. */
const MANY = 50_000

/** All that is under way. It happens when a schedule says so, in the order that the schedule says. */
export class Pool {
  readonly steps: Step[] = []

  /** From now on everything happens at once, and works. */
  calm = false
  /** How much has happened since then. */
  #calmly = 0

  add(step: Step): void {
    if (step.by.condition === 'crashed') return
    this.steps.push(step)
    if (this.calm) queueMicrotask(() => this.flow())
  }

  /** Lets everything happen that can. `false`: it would never end. */
  flow(): boolean {
    while (this.#calmly < MANY && this.release(0, 'works')) this.#calmly++
    return this.#calmly < MANY
  }

  remove(step: Step): void {
    const at = this.steps.indexOf(step)
    if (at >= 0) this.steps.splice(at, 1)
  }

  get ready(): Step[] {
    return this.steps.filter((step) => step.by.condition === 'running' && !step.blocked?.())
  }

  /** Lets one step happen; which one does not matter as long as it is always the same. */
  release(which: number, fate: Fate): Step | undefined {
    const { ready } = this
    const step = ready[which % Math.max(1, ready.length)]
    if (!step) return undefined
    this.remove(step)
    step.happen(fate)
    return step
  }

  /** @param arrives what was on the wire comes to its end, though nobody hears of it. */
  crash(host: Host, arrives: boolean): void {
    host.condition = 'crashed'
    for (const step of this.steps.filter(({ by }) => by === host)) {
      this.remove(step)
      step.abandon?.(arrives)
    }
  }
}

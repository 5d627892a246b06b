/** One step that a system can make: what happened, and what it is like afterwards. */
export interface Step<State> {
  label: string
  state: State
  /** It may happen, or never. */
  optional?: boolean
}

/** What is walked through. */
export interface System<State> {
  initial: State
  steps(state: State): Step<State>[]
  /** Names a state; equal names are one state. */
  key(state: State): string
  /** What is wrong with a state; '' if nothing. */
  broken(state: State): string
  /** What is wrong with a state in which nothing has to happen any more; '' if it is a proper end. */
  brokenAtEnd(state: State): string
}

export interface Counterexample {
  /** What is wrong. */
  broken: string
  /** The steps that led there: none shorter does. */
  trace: string[]
}

export interface Exploration {
  states: number
  steps: number
  /** States in which nothing has to happen any more. */
  ends: number
  counterexample?: Counterexample
}

/**
 * Walks through every state that can be reached, nearest first, and stops at the first that is broken.
 * A state from which no end can be reached is broken, too: what runs in circles there never finishes.
 */
export function explore<State>(system: System<State>): Exploration {
  const indices = new Map<string, number>()
  const waiting: (State | undefined)[] = []
  const parents: number[] = []
  const labels: string[] = []
  const from: number[] = []
  const to: number[] = []
  const ends: number[] = []

  function reach(state: State, parent: number, label: string) {
    const key = system.key(state)
    let index = indices.get(key)
    if (index === undefined) {
      index = waiting.length
      indices.set(key, index)
      waiting.push(state)
      parents.push(parent)
      labels.push(label)
    }
    if (parent >= 0) {
      from.push(parent)
      to.push(index)
    }
  }

  function traceTo(index: number): string[] {
    const trace: string[] = []
    for (let i = index; i > 0; i = parents[i] ?? 0) trace.unshift(labels[i] ?? '')
    return trace
  }

  function result(broken = '', index = 0): Exploration {
    const counts = { states: waiting.length, steps: to.length, ends: ends.length }
    return broken ? { ...counts, counterexample: { broken, trace: traceTo(index) } } : counts
  }

  reach(system.initial, -1, '')
  for (let index = 0; index < waiting.length; index++) {
    const state = waiting[index] as State
    waiting[index] = undefined // it is not needed again: memory
    const broken = system.broken(state)
    if (broken) return result(broken, index)
    const steps = system.steps(state)
    if (steps.every((step) => step.optional)) {
      const brokenAtEnd = system.brokenAtEnd(state)
      if (brokenAtEnd) return result(brokenAtEnd, index)
      ends.push(index)
    }
    for (const step of steps) reach(step.state, index, step.label)
  }
  const circling = findCircling(waiting.length, from, to, ends)
  return circling < 0 ? result() : result('P6: no end can be reached from here', circling)
}

/** The first state from which no end can be reached; -1 if there is none. */
function findCircling(states: number, from: number[], to: number[], ends: number[]): number {
  // The steps into a state, as a linked list in two arrays.
  const head = new Int32Array(states).fill(-1)
  const next = new Int32Array(to.length)
  to.forEach((target, step) => {
    next[step] = head[target] ?? -1
    head[target] = step
  })
  const finishes = new Uint8Array(states)
  for (const end of ends) finishes[end] = 1
  const queue = [...ends]
  for (let state = queue.pop(); state !== undefined; state = queue.pop()) {
    for (let step = head[state] ?? -1; step >= 0; step = next[step] ?? -1) {
      const source = from[step] ?? 0
      if (finishes[source]) continue
      finishes[source] = 1
      queue.push(source)
    }
  }
  return finishes.indexOf(0)
}

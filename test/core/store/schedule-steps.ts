import fc from 'fast-check'
import { settle } from '../../../src/testing/settle.ts'
import type { Fate } from './pool.ts'
import type { ScheduleWorld } from './schedule-world.ts'

/** What happens of itself; `which` names one of several. */
const ACTS = {
  /** Five steps, of those that are under way. */
  several: async ({ pool }: ScheduleWorld, which: number) => {
    for (let i = 0; i < 5; i++) {
      pool.release(which * i, 'works')
      await settle()
    }
  },
  'everybody needs tokens': (world: ScheduleWorld) => {
    for (const process of world.running) void process.getTokens()
  },
  'no write works, or all do again': ({ store }: ScheduleWorld) => {
    store.isReadOnly = !store.isReadOnly
  },
  'get tokens': (world: ScheduleWorld, which: number) => void world.pick(which)?.getTokens(),
  refresh: (world: ScheduleWorld, which: number) => void world.pick(which)?.refresh(),
  'reject the token': (world: ScheduleWorld, which: number) => void world.pick(which)?.reject(),
  'sign in': (world: ScheduleWorld, which: number) => world.pick(which)?.signIn(),
  'sign out': (world: ScheduleWorld, which: number) => world.pick(which)?.signOut(),
  close: (world: ScheduleWorld, which: number) => world.pick(which)?.close(),
  start: (world: ScheduleWorld) => world.start(),
  crash: (world: ScheduleWorld, which: number) => world.crash(world.pick(which), which % 2 === 1),
  'fall silent': (world: ScheduleWorld, which: number) => world.pick(which)?.fallSilent(),
  'go on': ({ processes }: ScheduleWorld, which: number) => {
    const silent = processes.filter(({ condition }) => condition === 'silent')
    silent[which % Math.max(1, silent.length)]?.goOn()
  },
  'lose the lease': ({ store }: ScheduleWorld) => store.loseLease(),
  'roll back': (world: ScheduleWorld, which: number) => world.loseStore(1 + (which % 3)),
  empty: (world: ScheduleWorld) => world.loseStore(Number.POSITIVE_INFINITY),
  'all expires': ({ clock }: ScheduleWorld) => clock.advance(3_570_000),
}

/** What happens next. */
export type Step = [keyof typeof ACTS, which: number] | [Fate, which: number] | ['drain'] | ['time passes', ms: number]

const which = fc.nat({ max: 11 })

function act(weight: number, ...names: (keyof typeof ACTS)[]): fc.WeightedArbitrary<Step> {
  return { weight, arbitrary: fc.tuple(fc.constantFrom(...names), which) }
}

function fate(weight: number, name: Fate): fc.WeightedArbitrary<Step> {
  return { weight, arbitrary: fc.tuple(fc.constant(name), which) }
}

/** Among them: a step of the store overruns, callers leave, a lease expires, a token request is given up. */
const TIMES = [10, 1000, 2500, 10_000, 25_000, 61_000]

export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fate(40, 'works'),
  fate(4, 'fails'),
  fate(4, 'reply lost'),
  { weight: 4, arbitrary: fc.constant<Step>(['drain']) },
  act(12, 'several'),
  act(5, 'everybody needs tokens'),
  act(10, 'get tokens', 'refresh', 'reject the token'),
  act(3, 'no write works, or all do again'),
  act(4, 'all expires'),
  act(3, 'sign in', 'sign out', 'sign in'),
  act(2, 'start', 'crash'),
  act(3, 'fall silent', 'go on'),
  act(1, 'lose the lease', 'close'),
  act(1, 'roll back', 'empty'),
  { weight: 5, arbitrary: fc.tuple(fc.constant('time passes' as const), fc.constantFrom(...TIMES)) },
)

/** Takes a step, and lets everything that can go on do so. */
export async function take(world: ScheduleWorld, step: Step): Promise<void> {
  const [name, value = 0] = step
  if (name === 'drain') return world.drain()
  if (name === 'time passes') return world.clock.advance(value)
  if (name === 'works' || name === 'fails' || name === 'reply lost') world.pool.release(value, name)
  else await ACTS[name](world, value)
  await settle()
}

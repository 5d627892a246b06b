import fc from 'fast-check'
import { settle } from '../../../src/testing/settle.ts'
import { takeOut } from './notes.ts'
import type { World } from './world.ts'

/** What a program, its user, or another process does. */
const ACTS = {
  request: (world: World) => world.request(),
  'get tokens': (world: World) => world.getTokens(),
  refresh: (world: World) => world.refresh(),
  'reject the newest': (world: World) => world.refresh(world.handedOut.at(-1)),
  'reject the oldest': (world: World) => world.refresh(world.handedOut[0]),
  'ann signs in': (world: World) => world.signIn('ann'),
  'bob signs in': (world: World) => world.signIn('bob'),
  'sign out': (world: World) => world.signOut(),
  close: (world: World) => world.close(),
  attach: (world: World) => world.attach(),
  detach: (world: World) => world.detach(),
  'the API rejects the token': (world: World) => world.server.rejectAccessToken(world.notes.intention.grant),
  'another process refreshes': (world: World) => world.rotateElsewhere(),
  'the server is overloaded, or no more': ({ server }: World) => {
    server.overloaded = !server.overloaded
  },
}

/** What comes of one of the things that are under way. */
const OUTCOMES = {
  'API answers': ({ api }: World, which: number) => takeOut(api.held, which)?.respond(),
  'token request is answered': ({ server }: World, which: number) => takeOut(server.held, which)?.answer(),
  'token request breaks': ({ server }: World, which: number) => takeOut(server.held, which)?.break(),
  'token request is never answered': ({ server }: World, which: number) => takeOut(server.held, which),
  'load works': ({ row }: World, which: number) => takeOut(row.loads, which)?.finish(which % 2 === 1),
  'load fails': ({ row }: World, which: number) => takeOut(row.loads, which)?.fail(),
  'save works': ({ row }: World, which: number) => takeOut(row.saves, which)?.finish(),
  'save fails': ({ row }: World, which: number) => takeOut(row.saves, which)?.fail(which % 2 === 1),
  'caller leaves': ({ calls }: World, which: number) => calls.at(-1 - (which % Math.max(1, calls.length)))?.controller.abort(),
}

/** What happens next. */
export type Step = keyof typeof ACTS | [keyof typeof OUTCOMES, which: number] | ['time passes', ms: number]

function outcome(weight: number, name: keyof typeof OUTCOMES): fc.WeightedArbitrary<Step> {
  return { weight, arbitrary: fc.tuple(fc.constant(name), fc.nat({ max: 5 })) }
}

function act(weight: number, ...names: (keyof typeof ACTS)[]): fc.WeightedArbitrary<Step> {
  return { weight, arbitrary: fc.constantFrom(...names) }
}

/** Among them: overruns, rests and looks end; a token is due, is about to expire, and has expired. */
const TIMES = [10, 1000, 5000, 10_000, 61_000, 3_400_000, 3_590_000, 3_600_000]

export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  act(8, 'request'),
  act(8, 'get tokens', 'refresh', 'reject the newest', 'reject the oldest'),
  act(8, 'ann signs in', 'bob signs in', 'sign out', 'sign out'),
  act(1, 'close'),
  act(2, 'attach', 'detach'),
  act(3, 'the API rejects the token'),
  act(2, 'another process refreshes'),
  act(1, 'the server is overloaded, or no more'),
  outcome(8, 'API answers'),
  outcome(10, 'token request is answered'),
  outcome(1, 'token request breaks'),
  outcome(1, 'token request is never answered'),
  outcome(8, 'load works'),
  outcome(3, 'load fails'),
  outcome(10, 'save works'),
  outcome(4, 'save fails'),
  outcome(2, 'caller leaves'),
  { weight: 6, arbitrary: fc.tuple(fc.constant('time passes' as const), fc.constantFrom(...TIMES)) },
)

/** Takes a step, and lets everything that can go on do so. */
export async function take(world: World, step: Step): Promise<void> {
  if (typeof step === 'string') ACTS[step](world)
  else if (step[0] === 'time passes') return world.clock.advance(step[1])
  else OUTCOMES[step[0]](world, step[1])
  await settle()
}

import { type Exploration, explore } from './explore.ts'
import { modelOf } from './model.ts'
import { ALL_EXCUSES, ALL_RULES, type Bounds, type Config, type Excuses, type Rules } from './rules.ts'

const NOTHING: Bounds = {
  crash: 0,
  silent: 0,
  giveUp: 0,
  lostAnswer: 0,
  lostReply: 0,
  failedWrite: 0,
  signIn: 0,
  signOut: 0,
  rollback: 0,
  vanish: 0,
}

/** What there is, and what may happen how often. */
export type Scene = Partial<Bounds> & Partial<Omit<Config, 'rules' | 'bounds' | 'excuses'>>

/** Explores a scene: two processes that need a refresh each, and nothing that goes wrong, unless it says otherwise. */
export function check(
  { needs = [1, 1], clients, reuse, oneGrant, serve, countedVersions, ...bounds }: Scene,
  rules?: Partial<Rules>,
  excuses?: Partial<Excuses>,
): Exploration {
  return explore(
    modelOf({
      needs,
      clients: clients ?? needs.map(() => 0),
      reuse: reuse ?? 'revoke',
      oneGrant: oneGrant ?? false,
      serve: serve ?? false,
      countedVersions: countedVersions ?? false,
      bounds: { ...NOTHING, ...bounds },
      rules: { ...ALL_RULES, ...rules },
      excuses: { ...ALL_EXCUSES, ...excuses },
    }),
  )
}

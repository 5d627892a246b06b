import type { TokenSet } from '../tokens/token-set.ts'
import type { SessionState } from './state.ts'

/** Spent tokens a session remembers. */
const MEMORY = 16

/** Whether this session has replaced one of these tokens. It is remembered anew, as whoever shows it may do so again. */
export function isSpent(state: SessionState, tokens: Partial<TokenSet>): boolean {
  const known = { ...tokens }
  for (const key of TOKENS) if (!state.spent.includes(tokens[key] as string)) delete known[key]
  spend(state, known)
  return TOKENS.some((key) => known[key])
}

/** Remembers tokens that must neither be sent nor adopted any more, but for those that are kept. */
export function spend(state: SessionState, tokens?: Partial<TokenSet> | null, kept?: Partial<TokenSet> | null): void {
  const current = TOKENS.map((key) => kept?.[key])
  const gone = TOKENS.map((key) => tokens?.[key]).filter((token): token is string => !!token && !current.includes(token))
  state.spent = [...state.spent.filter((token) => !gone.includes(token) && !current.includes(token)), ...gone].slice(-MEMORY)
}

const TOKENS = ['accessToken', 'refreshToken'] as const

import type { TokenSet } from '../tokens/token-set.ts'
import { settledWithin } from '../wait.ts'
import type { SessionState } from './state.ts'

/** Revokes tokens that nobody will use any more; best effort. */
export async function revoke({ config }: SessionState, tokens: Partial<TokenSet> | undefined): Promise<void> {
  if (!tokens?.accessToken && !tokens?.refreshToken) return
  await settledWithin((async () => config.revoke?.(tokens as TokenSet))(), config.refreshTimeoutMs, config.clock)
}

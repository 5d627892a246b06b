import type { TokenSet, TokenStore } from '../../src/index.ts'

const DAY = 24 * 3600_000

/** As long as those of Mercado Pago, and each with bytes of its own. */
export function tokensOf(account: number): TokenSet {
  const hex = (length: number) => Math.random().toString(16).slice(2, 10).padEnd(length, String(account))
  return {
    accessToken: `APP_USR-${hex(16)}-112205-${hex(32)}-${account}`,
    refreshToken: `TG-${hex(24)}-${account}`,
    tokenType: 'Bearer',
    issuedAt: Date.now(),
    expiresAt: Date.now() + 180 * DAY,
    scope: 'offline_access read write',
    extra: { user_id: account, public_key: `APP_USR-${hex(36)}`, live_mode: true },
  }
}

/** It knows every account and keeps nothing: what is measured is the pool. */
export const endlessStore: TokenStore = {
  read: async (account) => ({ record: { tokens: tokensOf(Number(account)), generation: 1, lineage: 'l', client: 'c' }, version: '1' }),
  write: async () => '2',
  lock: (_account, work) => work({ signal: new AbortController().signal }),
  watch: () => () => {},
}

/** Uses these accounts, a few at a time. */
export async function touchAll(use: (account: number) => unknown, from: number, to: number): Promise<void> {
  for (let i = from; i < to; i += 50) {
    await Promise.all(Array.from({ length: Math.min(50, to - i) }, (_, k) => use(100_000_000 + i + k)))
    await turn()
  }
}

/** What is weakly referred to can go only between two turns of the event loop, which a store of the network brings along. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Bytes of the heap that are alive. Needs --expose-gc. */
export async function heap(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    await turn()
    globalThis.gc?.()
  }
  return process.memoryUsage().heapUsed
}

import { StoreError } from '../../core/errors/store-error.ts'
import type { Lease, SessionRecord, TokenStore } from '../../core/store/token-store.ts'

/** What a case works with. */
export interface Scene {
  store: TokenStore
  /** Another handle on the same storage, as another process would have. */
  other: TokenStore
  /** Nobody has used it before. */
  account: string
  /** How long the lease of a lock lasts, if that is known. */
  leaseMs: number | undefined
}

/** What must hold of every store: the sentence that says it, and what shows it. */
export type StoreCases = Readonly<Record<string, (scene: Scene) => Promise<void>>>

/** How long things may take that should happen soon; ms. */
export const SOON_MS = 5_000
/** How long to wait for what should not happen; ms. */
export const CALM_MS = 100
const NEVER = new AbortController().signal

/** A record with the tokens of nobody. */
export function someRecord(fields: Partial<SessionRecord> = {}): SessionRecord {
  return {
    tokens: { accessToken: 'some access token', refreshToken: 'some refresh token' },
    generation: 1,
    lineage: 'one sign-in',
    ...fields,
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** Waits until something is so. */
export async function until(what: string, isSo: () => boolean): Promise<void> {
  for (const started = Date.now(); !isSo(); await sleep(10)) {
    if (Date.now() - started > SOON_MS) throw new Error(`${what}: expected within ${SOON_MS} ms, did not happen`)
  }
}

/** Compares as JSON does: an absent field and an undefined one are the same, and so are fields in another order. */
export function expectSame(what: string, got: unknown, expected: unknown): void {
  if (spell(got) !== spell(expected)) throw new Error(`${what}: expected ${spell(expected)}, got ${spell(got)}`)
}

/** Throws unless that is so. */
export function expectThat(what: string, isSo: boolean): asserts isSo {
  if (!isSo) throw new Error(what)
}

function spell(value: unknown): string {
  return (
    JSON.stringify(value, (_, part) =>
      Object(part) === part && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([one], [two]) => (one < two ? -1 : 1)))
        : part,
    ) ?? String(value)
  )
}

/** Writes, and expects that nobody was first. */
export async function put(store: TokenStore, account: string, record: SessionRecord, expected: string | null): Promise<string> {
  const version = await store.write(account, record, expected)
  if (version === null)
    throw new Error(`write of ${JSON.stringify(account)} with the stored version: expected a new version, got null (somebody was first)`)
  expectThat(`the version that write gives: expected a string, got ${typeof version}`, typeof version === 'string')
  return version
}

/** The record that stands there, which must be one. */
export async function get(store: TokenStore, account: string): Promise<{ record: SessionRecord; version: string }> {
  const stored = await store.read(account)
  if (!stored) throw new Error(`read of ${JSON.stringify(account)}: expected the record that was written, got ${stored}`)
  return stored
}

/** One attempt, unless told otherwise. */
export function lock<T>(
  store: TokenStore,
  account: string,
  work: (lease: Lease) => Promise<T>,
  { waitMs = 0, signal = NEVER }: { waitMs?: number; signal?: AbortSignal } = {},
): Promise<T> {
  return awaitedLater(store.lock(account, work, { waitMs, signal }))
}

/** Takes a lock and keeps it until told. */
export async function hold(store: TokenStore, account: string): Promise<{ lease: Lease; release: () => Promise<void> }> {
  let letGo = () => {}
  const kept = new Promise<void>((resolve) => {
    letGo = resolve
  })
  let settled: Promise<void> = kept
  const lease = await new Promise<Lease>((resolve, reject) => {
    settled = lock(
      store,
      account,
      (lease) => {
        resolve(lease)
        return kept
      },
      { waitMs: SOON_MS },
    )
    settled.catch(reject)
  })
  return {
    lease,
    release() {
      letGo()
      return settled
    },
  }
}

/** One attempt for a lock that somebody has: the work must not begin. */
export async function expectBusy(what: string, store: TokenStore, account: string): Promise<void> {
  const started = Date.now()
  const error = await rejection(
    `${what}: one attempt (waitMs: 0)`,
    lock(store, account, async () => 'the work was done'),
  )
  const code = error instanceof StoreError ? error.code : error
  expectThat(`${what}: expected a StoreError with ERR_LOCK_TIMEOUT, got ${code}`, code === 'ERR_LOCK_TIMEOUT')
  const ms = Date.now() - started
  expectThat(`${what}: one attempt (waitMs: 0) took ${ms} ms, expected less than 3500`, ms < 3_500)
}

/** What a promise rejects with. */
export function rejection(what: string, promise: Promise<unknown>): Promise<unknown> {
  return awaitedLater(
    promise.then(
      (value) => {
        throw new Error(`${what}: expected a rejection, got ${spell(value)}`)
      },
      (error: unknown) => error,
    ),
  )
}

/** A case may fail before it awaits all it has begun: that must not count as a rejection that nobody handles. */
function awaitedLater<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}

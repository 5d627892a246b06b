import { marked } from '#reentrancy'
import { expectType } from '../check-options.ts'
import { StoreError } from '../errors/store-error.ts'
import type { TokenInput, TokenSet } from '../tokens/token-set.ts'
import { ignore, within } from '../wait.ts'
import { backOff } from './back-off.ts'
import { emit } from './events.ts'
import type { SessionState } from './state.ts'

/** A state to write: a pair, or nobody. */
export interface Job {
  readonly tokens: TokenSet | null
  /** Written, or overtaken by a newer state. */
  readonly done: Promise<void>
  finish(): void
  saved: boolean
}

/** What is written now; `null` when nobody is signed in. Rejects with `StoreError` when it cannot be told. */
export async function read(state: SessionState): Promise<TokenInput | null> {
  const { account, config } = state
  try {
    const found = await bounded(state, 'load', config.refreshTimeoutMs, async () => config.load?.(account))
    if (!found) return null
    expectType('load', found, 'object')
    state.everStored = true
    return found
  } catch (cause) {
    throw new StoreError('ERR_STORE_UNAVAILABLE', 'The stored tokens could not be loaded', cause)
  }
}

/**
 * Writes the newest state, after the writes before it. Rejects with `StoreError` when the first attempt
 * fails; then it is tried again until it, or a newer state, is written.
 *
 * @param boundMs how long the first attempt may take before it counts as failed.
 */
export async function write(state: SessionState, tokens: TokenSet | null, boundMs?: number): Promise<void> {
  if (!state.config.save) return
  let finish = ignore
  const done = new Promise<void>((resolve) => {
    finish = resolve
  })
  state.job = { tokens, done, finish, saved: false }
  await enqueue(state, state.job, 1, boundMs)
}

/** Something is not written yet. */
export function isDirty({ job }: SessionState): boolean {
  return job?.saved === false
}

function enqueue(state: SessionState, job: Job, count: number, boundMs?: number): Promise<void> {
  const written = state.writes.then(() => attempt(state, job, count, boundMs))
  state.writes = written.catch(ignore)
  return written
}

async function attempt(state: SessionState, job: Job, count: number, boundMs = state.config.refreshTimeoutMs): Promise<void> {
  const { account, config } = state
  if (job !== state.job) return job.finish()
  const late = () => {
    // A call that had overrun has settled, and may have overwritten something newer.
    const { job: newest } = state
    if (newest) {
      newest.saved = false
      void enqueue(state, newest, 1).catch(ignore)
    }
  }
  try {
    await bounded(state, 'save', boundMs, async () => config.save?.(job.tokens, account), late)
    job.saved = true
    job.finish()
  } catch (cause) {
    const error = new StoreError('ERR_SAVE_FAILED', 'The tokens could not be saved; they are kept, and saving is tried again', cause)
    emit(state, 'save-failed', { error, attempt: count })
    // This timer keeps the process alive, so that an unsaved pair is not lost by an exit.
    config.clock.setTimeout(() => void enqueue(state, job, count + 1).catch(ignore), backOff(count))
    throw error
  }
}

/** Calls `load` or `save`, for as long as it may take. */
function bounded<T>(state: SessionState, name: string, ms: number, callback: () => Promise<T>, onLate: () => void = ignore): Promise<T> {
  const call = marked(state, callback)
  return within(call, ms, state.config.clock, () => {
    call.then(onLate, onLate)
    return new Error(`${name} took longer than ${ms} ms`)
  })
}

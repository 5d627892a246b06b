import { marked } from '#platform'
import { expectType } from '../check-options.ts'
import { StoreError } from '../errors/store-error.ts'
import type { TokenInput, TokenSet } from '../tokens/token-set.ts'
import { ignore, within } from '../wait.ts'
import { backOff } from './back-off.ts'
import { inBackground } from './background.ts'
import { emit } from './events.ts'
import { type SessionState, spend } from './state.ts'

/** A state to write: a pair, or nobody. */
export interface Job {
  readonly tokens: TokenSet | null
  /** How long the first attempt may take before it counts as failed, in ms. */
  readonly boundMs: number
  /** Tells the outcome of the first attempt; later calls do nothing. */
  settle(error?: StoreError): void
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
 * Writes the newest state. Rejects with `StoreError` when the first attempt fails; then it is tried
 * again until this state, or a newer one, is written.
 *
 * @param options.boundMs how long the first attempt may take. Default `refreshTimeoutMs`.
 * @param options.after what must be done before.
 */
export async function write(
  state: SessionState,
  tokens: TokenSet | null,
  { boundMs = state.config.refreshTimeoutMs, after }: { boundMs?: number; after?: Promise<unknown> } = {},
): Promise<void> {
  if (!state.config.save) return
  const { job: former } = state
  // A call of `save` that is slow may yet write it: it is not news then.
  spend(state, former?.tokens, tokens)
  const written = new Promise<void>((resolve, reject) => {
    state.job = { tokens, boundMs, settle: (error) => (error ? reject(error) : resolve()) }
  })
  // A state that is overtaken before it was written shares the fate of the one that overtakes it.
  written.then(
    () => former?.settle(),
    (error) => former?.settle(error),
  )
  startWriting(state, after)
  await written
}

function startWriting(state: SessionState, after: Promise<unknown> = Promise.resolve()): void {
  state.unwritten = true
  state.writes++
  state.wakeWriter?.()
  // Not at once: what begins here must see that it has begun.
  state.writing ??= after.then(() => writeAll(state))
}

/** A call of `save` has overrun its time: when it settles it may have written over something newer. */
function awaitLate(state: SessionState, job: Job, call: Promise<unknown>): void {
  state.overdue++
  const settled = (worked: boolean) => {
    state.overdue--
    if (job !== state.job) {
      startWriting(state)
    } else if (worked) {
      state.unwritten = false
      state.wakeWriter?.()
    }
  }
  call.then(
    () => settled(true),
    () => settled(false),
  )
}

/** One call of `save` after the other, until the newest state is written. */
async function writeAll(state: SessionState): Promise<void> {
  const { account, config } = state
  let former: Job | undefined
  for (let attempt = 1; state.unwritten; attempt++) {
    const job = state.job as Job
    const boundMs = job === former ? config.refreshTimeoutMs : job.boundMs
    former = job
    state.unwritten = false
    try {
      await bounded(state, 'save', boundMs, async () => config.save?.(copyOf(job.tokens), account), {
        keepAlive: true,
        onOverrun: (call) => awaitLate(state, job, call),
      })
      job.settle()
      attempt = 0
    } catch (cause) {
      const error = new StoreError('ERR_SAVE_FAILED', 'The tokens could not be saved; they are kept, and saving is tried again', cause)
      state.unwritten = true
      emit(state, 'save-failed', { error, attempt })
      inBackground(state, state.writing)
      job.settle(error)
      if (job === state.job) await pause(state, backOff(attempt))
    }
  }
  state.writing = undefined
}

/** This timer keeps the process alive, so that an unsaved pair is not lost by an exit. A newer state cuts it short. */
function pause(state: SessionState, ms: number): Promise<void> {
  const { clock } = state.config
  return new Promise((resolve) => {
    const timer = clock.setTimeout(resolve, ms)
    state.wakeWriter = () => {
      clock.clearTimeout(timer)
      resolve()
    }
  })
}

/** What `save` does to its argument stays there. */
function copyOf(tokens: TokenSet | null): TokenSet | null {
  return tokens && { ...tokens, ...(tokens.extra && { extra: { ...tokens.extra } }) }
}

/** Calls `load` or `save`, for as long as it may take. */
function bounded<T>(
  state: SessionState,
  name: string,
  ms: number,
  callback: () => Promise<T>,
  { keepAlive, onOverrun = ignore }: { keepAlive?: boolean; onOverrun?: (call: Promise<T>) => void } = {},
): Promise<T> {
  const call = marked(state, callback)
  const reason = () => {
    onOverrun(call)
    call.catch(ignore)
    return new Error(`${name} took longer than ${ms} ms`)
  }
  return within(call, ms, state.config.clock, reason, keepAlive)
}

import { StoreError } from '../errors/store-error.ts'
import type { SessionRecord } from '../store/token-store.ts'
import type { TokenSet } from '../tokens/token-set.ts'
import { backOff } from './back-off.ts'
import { inBackground } from './background.ts'
import { bounded } from './bounded-call.ts'
import { emit } from './events.ts'
import { recordOf } from './shared-record.ts'
import { spend } from './spent-tokens.ts'
import type { SessionState } from './state.ts'
import { storageOf } from './storage.ts'

/** Where a state to write comes from: the answer to a token request, a sign-in or sign-out, the option `tokens`. */
export type JobKind = 'answer' | 'intention' | 'seed'

/** A state to write: a pair, or nobody. */
export interface Job {
  readonly tokens: TokenSet | null
  readonly kind: JobKind
  /** How long the first attempt may take before it counts as failed, in ms. */
  readonly boundMs: number
  /** Tells the outcome of the first attempt; later calls do nothing. */
  settle(error?: StoreError): void
  /** Over a store: what is written. */
  readonly record: SessionRecord
  /** Over a store: the version it replaces, if that is known. */
  expected?: string
  /** Over a store: what the session held before, and the tokens that were found stored. */
  readonly held?: Partial<TokenSet>
  replaces?: TokenSet
  /** Over a store: an attempt has failed. */
  tried?: boolean
  /** Over a store: what others have written there stands. */
  overtaken?: boolean
}

/** How {@link write} goes about it. */
export interface WriteOptions {
  kind: JobKind
  /** How long the first attempt may take. Default `refreshTimeoutMs`. */
  boundMs?: number
  /** What must be done before. */
  after?: Promise<unknown>
  /** Over a store: the version it replaces, if that is known. */
  expected?: string
}

/**
 * Writes the newest state. Rejects with `StoreError` when the first attempt fails; then it is tried
 * again until this state, or a newer one, is written.
 *
 * @returns whether it stands; over a store somebody else may have been first.
 */
export async function write(state: SessionState, tokens: TokenSet | null, options: WriteOptions): Promise<boolean> {
  const { config, job: former, writing, lineage } = state
  const { boundMs = config.refreshTimeoutMs, after, expected } = options
  if (!config.save && !config.store) return true
  // A call of `save` that is slow may yet write it: it is not news then.
  spend(state, former?.tokens, tokens)
  // What follows a sign-in that is not written yet stands for it.
  const open = writing && former?.record.lineage === lineage ? former : undefined
  // A sign-out that may have been written revokes in the end what it replaced, however often it is called.
  const replaces = writing && !tokens && !former?.tokens ? former?.replaces : undefined
  const record = recordOf(state, tokens, tokens ? state.generation + 1 : 0)
  let job = {} as Job
  const written = new Promise<void>((resolve, reject) => {
    job = {
      tokens,
      kind: open?.kind ?? options.kind,
      tried: open?.tried,
      boundMs,
      record,
      expected,
      held: state.held?.tokens,
      replaces,
      settle: (error) => (error ? reject(error) : resolve()),
    }
  })
  state.job = job
  // A state that is overtaken before it was written shares the fate of the one that overtakes it.
  written.then(
    () => former?.settle(),
    (error) => former?.settle(error),
  )
  startWriting(state, after)
  await written
  return !job.overtaken
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
      if (!storageOf(state).shared) startWriting(state)
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

/** One write after the other, until the newest state is written. */
async function writeAll(state: SessionState): Promise<void> {
  const { put, shared, longestPauseMs } = storageOf(state)
  let former: Job | undefined
  for (let attempt = 1; state.unwritten; attempt++) {
    const job = state.job as Job
    const boundMs = job === former ? state.config.refreshTimeoutMs : job.boundMs
    former = job
    state.unwritten = false
    try {
      await bounded(state, 'save', boundMs, () => put(state, job), { keepAlive: true, onOverrun: (call) => awaitLate(state, job, call) })
      job.settle()
      attempt = 0
    } catch (cause) {
      job.tried = true
      // What stands in the store is not ours to touch, and nobody is waiting for the answer of a server.
      const forbidden = shared && cause instanceof StoreError && !cause.outage && job.kind !== 'answer'
      const error = forbidden ? cause : saveFailed(job, cause)
      if (!forbidden) state.unwritten = true
      emit(state, 'save-failed', { error, attempt })
      inBackground(state, state.writing)
      job.settle(error)
      if (!forbidden && job === state.job) await pause(state, Math.min(backOff(attempt), longestPauseMs))
    }
  }
  state.writing = undefined
}

function saveFailed({ tokens }: Job, cause: unknown): StoreError {
  const what = tokens ? 'tokens could not be saved; they are kept' : 'sign-out could not be saved; it holds here'
  return new StoreError('ERR_SAVE_FAILED', `The ${what}, and saving is tried again`, cause)
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

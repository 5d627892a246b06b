import { startTimer } from '../clock.ts'
import { StoreError } from '../errors/store-error.ts'
import { ignore, settledWithin } from '../wait.ts'
import { inBackground } from './background.ts'
import { lineageOver } from './lineage.ts'
import { adoptNews, announce } from './news.ts'
import { degrade } from './shared-record.ts'
import { abandonFlight } from './single-flight.ts'
import type { SessionState } from './state.ts'

/** How long after a store could not be watched that is tried again, in ms. */
const AGAIN_MS = 60_000
/** How soon after a failed look at what others have written there is another, in ms; then twice as late each time. */
const LOOK_AGAIN_MS = 1000

/** From now on hears of what other tabs and processes write, until the session is closed. */
export function follow(state: SessionState): void {
  const { store, clock } = state.config
  if (state.unwatch || !store || state.closed) return
  // A store of the app may throw, or promise.
  const begun = [
    () => store.watch?.(state.account, () => catchUpSoon(state)),
    () => store.onDegraded?.((error) => void degrade(state, error)),
  ].map(async (begin) => begin())
  const unwatch = () => {
    state.unwatch = undefined
    for (const beginning of begun) beginning.then((stop) => stop?.()).catch(ignore)
  }
  state.unwatch = unwatch
  Promise.all(begun).catch((error) => {
    // What others write is found when it is looked for.
    degrade(state, error)
    if (state.unwatch !== unwatch) return
    unwatch()
    const stop = startTimer(clock, AGAIN_MS, () => {
      state.unwatch = undefined
      follow(state)
      catchUpSoon(state)
    })
    state.unwatch = () => {
      state.unwatch = undefined
      stop()
    }
  })
}

/** Hears of nothing any more. */
export function unfollow(state: SessionState): void {
  state.unwatch?.()
  stopLooking(state)
}

/** Somebody may have written, maybe this session itself. Changes that come while one is looked at are looked at together. */
export function catchUpSoon(state: SessionState): void {
  const postponed = state.changed && !state.following
  state.changed = true
  if (!postponed && !state.following) startCatchingUp(state)
}

/** Settles when what others have written is known, or cannot be told in time: changes may be told for ever. */
export async function caughtUp({ following, config }: SessionState): Promise<void> {
  if (following) await settledWithin(following, config.refreshTimeoutMs, config.clock, true)
}

function startCatchingUp(state: SessionState): void {
  if (state.closed) return
  state.following = catchUp(state)
  inBackground(state, state.following)
}

async function catchUp(state: SessionState): Promise<void> {
  while (state.changed && !state.closed) {
    await state.opening?.catch(ignore)
    if (state.writing) {
      // What was told may be this write itself. Nobody waits here until it succeeds: a store may refuse for hours.
      void state.writing.then(() => startCatchingUp(state))
      break
    }
    state.changed = false
    if (state.status !== 'unknown') {
      await adopt(state).then(
        () => stopLooking(state),
        (error) => lookLater(state, error),
      )
    }
    state.leaveQueue?.()
  }
  state.following = undefined
}

/** What was told, and could not be looked at, nobody tells again: a sign-out must be heard of all the same. */
function lookLater(state: SessionState, error: unknown): void {
  const { missed, config, closed } = state
  const pauseMs = missed ? Math.min(2 * missed.pauseMs, AGAIN_MS) : LOOK_AGAIN_MS
  stopLooking(state)
  if (!closed && error instanceof StoreError) state.missed = { pauseMs, stop: startTimer(config.clock, pauseMs, () => catchUpSoon(state)) }
}

function stopLooking(state: SessionState): void {
  state.missed?.stop()
  state.missed = undefined
}

async function adopt(state: SessionState): Promise<void> {
  const { lineage, leaveQueue } = state
  try {
    const news = await adoptNews(state)
    // A refresh that waits for the lock tells of it itself, unless it has been given the lock meanwhile.
    if (news && (!leaveQueue || leaveQueue !== state.leaveQueue)) announce(state, lineage, news)
  } finally {
    if (state.lineage !== lineage) abandonFlight(state, lineageOver())
  }
}

import { marked } from '#platform'
import { keysOf } from '../check-options.ts'
import type { AuthError } from '../errors/auth-error.ts'
import { RefreshFailedError } from '../errors/refresh-failed-error.ts'
import { SessionEndedError } from '../errors/session-ended-error.ts'
import { SignedOutError } from '../errors/signed-out-error.ts'
import type { Lease } from '../store/token-store.ts'
import { MISREAD_BY, readTokens } from '../tokens/read-tokens.ts'
import { differentUsers, succession } from '../tokens/succession.ts'
import type { TokenInput, TokenSet } from '../tokens/token-set.ts'
import { ignore, settledWithin, within } from '../wait.ts'
import { inBackground } from './background.ts'
import { classify } from './classify.ts'
import { end } from './end-session.ts'
import type { Flight } from './flight.ts'
import { write } from './ledger.ts'
import { assertLineage } from './lineage.ts'
import { adoptNews, adoptWithin, publish, signedOut } from './news.ts'
import { revoke } from './revoke-tokens.ts'
import { ATTEMPTS, claim, markEnded, mayProceed, outdated } from './shared-record.ts'
import { type Held, hold, isAlive, now, type SessionState } from './state.ts'

/** The lock was lost before the token request has left; afterwards it does not matter any more. */
export const LEASE_LOST = Symbol('lease lost')

/**
 * One refresh, from first look to published pair. The caller holds the mutex.
 *
 * Look what is written (somebody else may have refreshed); make the token request; write the answer
 * down; only then let anybody use it. After a refusal look once more: only if nobody has written a
 * newer pair meanwhile is the session over.
 */
export async function refreshOnce(state: SessionState, flight: Flight, lease?: Lease): Promise<Held> {
  flight.giveBack = await state.config.pool?.slots.take(flight)
  try {
    return await lookAndRequest(state, flight, lease)
  } finally {
    flight.giveBack?.()
  }
}

async function lookAndRequest(state: SessionState, flight: Flight, lease: Lease | undefined): Promise<Held> {
  for (let attempt = 1; ; attempt++) {
    assertLineage(state, flight.lineage)
    if (attempt > ATTEMPTS) throw outdated(state)
    const before = state.held
    flight.looking = true
    const news = await adoptWithin(state, flight.lineage).catch((error) => {
      if (!mayProceed(state, error)) throw error
    })
    flight.looking = false
    const found = replacement(state, flight)
    if (found) return publish(state, flight, found, true)
    const parent = news ?? before
    if (!parent) throw new SignedOutError()
    // An answer that had been given up on may have come after all, and be on its way to where it is saved.
    await parent.replacing
    assertLineage(state, flight.lineage)
    if (state.held !== parent) {
      if (!state.held || state.held.rejected || !isAlive(state, state.held)) continue
      return state.held
    }
    if (parent.refused) {
      if (!(await markEnded(state, parent))) continue
      assertLineage(state, flight.lineage)
      // The mark may have been heard of before this goes on.
      throw state.status === 'ended' ? parent.refused : end(state, parent, parent.refused)
    }
    if (!(await claim(state, parent))) {
      await settleWriting(state)
      continue
    }
    // The last look, in one go with the sending: at the lock, at who is signed in, at an answer that has come late.
    assertLineage(state, flight.lineage)
    if (lease?.signal?.aborted) throw LEASE_LOST
    if (state.held !== parent || parent.replacing) continue
    try {
      return await requestTokens(state, flight, parent)
    } catch (error) {
      flight.sentAt = undefined
      assertLineage(state, flight.lineage)
      parent.uncertain ||= (error as AuthError).code === 'ERR_REFRESH_UNCERTAIN'
      if (!(error instanceof SessionEndedError)) throw error
      parent.refused = error
    }
  }
}

/** A pair that is not written yet keeps this session from seeing what somebody else has written: it is tried again now. */
async function settleWriting(state: SessionState): Promise<void> {
  if (!state.writing) return
  state.wakeWriter?.()
  await settledWithin(state.writing, 1000, state.config.clock)
}

/** What stands by now in the place of the tokens that are to be replaced, if it will do; whoever has brought it. */
export function replacement(state: SessionState, { replaces }: Flight): Held | undefined {
  const { held, status } = state
  const good = held && held !== replaces && status === 'active' && !held.rejected && now(state) < held.milestones.expiringAt
  return good ? held : undefined
}

/** How long a token request may stay unanswered, in ms. */
export function giveUpAfter({ config }: SessionState): number {
  return Math.max(60_000, 2 * config.refreshTimeoutMs)
}

/** Makes the token request. Once sent it is not aborted: its answer may be the only valid pair. */
async function requestTokens(state: SessionState, flight: Flight, parent: Held): Promise<Held> {
  const { account, config } = state
  const controller = new AbortController()
  const sentAt = now(state)
  flight.sentAt = sentAt
  const call = marked(state, async () => config.refresh(parent.tokens, { account, signal: controller.signal })).catch((error) => {
    throw classify(error, now(state))
  })
  const take = (answer: TokenInput | null) => {
    // Answers to two requests with the same token are taken one after the other.
    const taken = Promise.resolve(parent.replacing).then(() => accept(state, flight, parent, answer, sentAt))
    const settled = taken.then(ignore, ignore).then(() => {
      if (parent.replacing === settled) parent.replacing = undefined
    })
    parent.replacing = settled
    return taken
  }
  return take(
    await within(call, giveUpAfter(state), config.clock, () => {
      call.then(take).catch(ignore)
      controller.abort()
      // The next need may try at once.
      return new RefreshFailedError('The token request was given up: no answer came', {
        code: 'ERR_REFRESH_UNCERTAIN',
        retryAt: now(state),
      })
    }),
  )
}

/** Takes an answer: writes it down, then publishes it; drops it if somebody signed in or out meanwhile. */
async function accept(state: SessionState, flight: Flight, parent: Held, answer: TokenInput | null, sentAt: number): Promise<Held> {
  const { refreshTimeoutMs, onSaveFailure } = state.config
  // Saving may take as long as it likes: that is no token request.
  flight.giveBack?.()
  const { tokens } = readTokens(Object(answer), 'answer', sentAt)
  const { accessToken, refreshToken } = tokens
  const next = succession(parent.tokens, tokens) as TokenSet
  const overtaken = () => state.lineage !== parent.lineage || state.held !== parent
  if (overtaken()) return superseded(state, flight, next)
  if (answer === null && !next.refreshToken) {
    try {
      signedOut(state)
    } finally {
      // Others need not find out one by one; whoever has signed in there meanwhile stays. (`save` gets null after a sign-out only.)
      if (state.config.store) inBackground(state, write(state, null, { kind: 'answer' }))
    }
  }
  if (differentUsers(parent.tokens, tokens))
    throw new RefreshFailedError('The answer to the token request is about another user: it was refused')
  // Saving gets what is left of the time that callers wait; when nobody waits any more, all of it.
  flight.stopTimer()
  const remaining = flight.startedAt + refreshTimeoutMs - now(state)
  const boundMs = remaining > 0 ? Math.min(remaining, refreshTimeoutMs) : refreshTimeoutMs
  if (!accessToken) {
    if (refreshToken) {
      const kept = { accessToken: '', ...parent.tokens, refreshToken }
      const written = write(state, kept, { kind: 'answer', boundMs, expected: parent.claim })
      hold(state, kept).rejected = parent.rejected
      await written.catch(ignore)
    }
    const cause = (Object(answer) as { [MISREAD_BY]?: unknown })[MISREAD_BY]
    throw new RefreshFailedError(`The answer to the token request has no access token, but ${keysOf(answer)}`, { cause })
  }
  const stands = await write(state, next, { kind: 'answer', boundMs, expected: parent.claim }).catch(async (error) => {
    if (onSaveFailure === 'reject') {
      flight.reject(error)
      await state.writing
    }
    return true
  })
  if (stands && !overtaken()) return publish(state, flight, hold(state, next), false)
  const trouble = stands ? undefined : await adoptNews(state).then(ignore, (error) => error)
  const held = superseded(state, flight, next)
  // What was written instead could not be read, so that there is nothing better than what is to be replaced.
  if (held === parent && trouble) throw trouble
  return held
}

/** An answer that came too late. After a sign-out nobody would ever use it, so it is revoked. */
function superseded(state: SessionState, flight: Flight, tokens: TokenSet): Held {
  // What the store said last tells too: the look after it may have failed.
  const signedOutElsewhere = state.lineage === flight.lineage && state.stored?.record.tokens === null
  if (state.status === 'signed-out' || signedOutElsewhere) inBackground(state, revoke(state, tokens))
  assertLineage(state, flight.lineage)
  return state.held as Held
}

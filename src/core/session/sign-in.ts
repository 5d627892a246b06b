import { waitFor } from '#platform'
import { typeName } from '../check-options.ts'
import type { AuthError } from '../errors/auth-error.ts'
import { RefreshFailedError } from '../errors/refresh-failed-error.ts'
import { type ReadTokens, readTokens, type TokenOrigin } from '../tokens/read-tokens.ts'
import type { TokenInput } from '../tokens/token-set.ts'
import { ignore, leavable, settledWithin } from '../wait.ts'
import { inBackground } from './background.ts'
import { emit } from './events.ts'
import { follow, unfollow } from './follow-store.ts'
import { type JobKind, write } from './ledger.ts'
import { assertLineage, beginLineage, lineageOver } from './lineage.ts'
import { adoptNews, announce, takeRecord } from './news.ts'
import { revoke } from './revoke-tokens.ts'
import { mayProceed, plant, readRecord } from './shared-record.ts'
import { abandonFlight } from './single-flight.ts'
import { spend } from './spent-tokens.ts'
import { become, hold, now, type SessionState } from './state.ts'
import { storageOf } from './storage.ts'

/** While nobody is signed in, or the session has ended, what is stored is looked at at most this often. */
const LOOK_INTERVAL_MS = 1000

/** Waits until it is known who is signed in. */
export async function present(state: SessionState): Promise<void> {
  if (!state.opening) {
    if (state.status === 'active') return
    if (state.status !== 'unknown') return lookAgain(state)
    if (state.closed) throw new RefreshFailedError('The session is closed')
    void open(state, load(state))
  }
  await waitFor(state, state.opening as Promise<void>)
}

/** `session.signIn` */
export async function signIn(state: SessionState, input: TokenInput): Promise<void> {
  const read = understand('session.signIn', input, 'sign-in', now(state))
  follow(state)
  supersede(state)
  await open(
    state,
    start(state, read, 'intention').then(() => emit(state, 'signed-in', { adopted: false })),
  )
}

/** `session.signOut`: takes effect at once, and is then written. Whoever is told of it may leave the page: nothing is cut off. */
export async function signOut(state: SessionState): Promise<void> {
  const { status, config } = state
  let tokens = state.held?.tokens
  follow(state)
  // To revoke a pair that was never loaded, it must be read before it is forgotten.
  const reading = status === 'unknown' && config.revoke ? storageOf(state).read(state).catch(ignore) : undefined
  supersede(state)
  const { lineage } = state
  state.vacant = false
  const written = write(state, null, { kind: 'intention', after: reading })
  const attempted = written.catch(ignore)
  const farewell = () => {
    if (state.farewell !== farewell) return
    state.farewell = undefined
    emit(state, 'signed-out')
  }
  if (status !== 'signed-out') state.farewell = farewell
  become(state, 'signed-out')
  if (reading) {
    const found = (await reading) ?? config.tokens ?? {}
    // Somebody may have signed in meanwhile, and be what was found.
    if (state.lineage === lineage) tokens = readTokens(found, 'kept', now(state)).tokens
    spend(state, tokens)
  }
  await attempted
  await revoke(state, tokens)
  farewell()
  await written
}

/** `session.close`: starts no new work, and waits for what is under way, at most `refreshTimeoutMs`. */
export async function close(state: SessionState): Promise<void> {
  const { refreshTimeoutMs, clock } = state.config
  state.closed = true
  // A refresh that is under way may take the lock, and write, only from now on.
  const work = Promise.allSettled([state.opening, state.mutex?.waitForUnlock()])
    .then(() => Promise.allSettled([state.locked]))
    .then(() => state.writing)
  await settledWithin(work, refreshTimeoutMs, clock)
  unfollow(state)
}

async function load(state: SessionState): Promise<void> {
  const { store, tokens } = state.config
  if (await (store ? takeStored(state) : takeLoaded(state))) return
  if (tokens) return start(state, readTokens(tokens, 'kept', now(state)), 'seed')
  state.vacant = true
  become(state, 'signed-out')
}

/** Whether `store` holds something, which is then the state of the session. */
async function takeStored(state: SessionState): Promise<boolean> {
  const { lineage, config } = state
  follow(state)
  const stored = await readRecord(state).catch((error) => {
    if (!config.tokens || !mayProceed(state, error)) throw error
  })
  assertLineage(state, lineage)
  if (stored) takeRecord(state, stored.record)
  return Boolean(stored)
}

/** Whether `load` gives something, which is then the state of the session. */
async function takeLoaded(state: SessionState): Promise<boolean> {
  const { lineage } = state
  const found = await storageOf(state).read(state)
  assertLineage(state, lineage)
  if (found) {
    const { tokens, ageUnknown } = readTokens(found, 'kept', now(state))
    hold(state, tokens, ageUnknown)
  }
  return Boolean(found)
}

/** Starts a session with these tokens, once they are written. */
async function start(state: SessionState, { tokens, ageUnknown }: ReadTokens, kind: JobKind): Promise<void> {
  const { lineage, config } = state
  if (tokens.accessToken || tokens.refreshToken || (config.store && kind === 'intention')) {
    try {
      // Somebody else was first, and what they wrote is what counts.
      if (!(await write(state, { accessToken: '', ...tokens }, { kind })) && state.lineage === lineage) return load(state)
    } catch (error) {
      if ((error as AuthError).code !== 'ERR_SAVE_FAILED') {
        if (state.lineage === lineage) become(state, 'unknown')
        throw error
      }
      if (config.onSaveFailure === 'reject' && state.lineage === lineage) {
        state.release?.(error)
        await state.writing
      }
    }
    // Somebody signed out meanwhile: nobody will ever use them.
    if (state.status === 'signed-out' && state.lineage !== lineage) inBackground(state, revoke(state, tokens))
  } else if (config.store && !(await plant(state)) && state.lineage === lineage) {
    return load(state)
  }
  assertLineage(state, lineage)
  hold(state, tokens, ageUnknown)
}

/** Somebody may have signed in elsewhere. Who waits for that look is not sent on as somebody who signs in here meanwhile. */
async function lookAgain(state: SessionState): Promise<void> {
  const at = now(state)
  if (!state.looking && !state.closed && Math.abs(at - state.lookedAt) >= LOOK_INTERVAL_MS) {
    state.lookedAt = at
    const looking = leavable(look(state), (leave) => {
      state.releaseLook = leave
      return () => {
        if (state.looking === looking) state.looking = undefined
      }
    })
    looking.catch(ignore)
    state.looking = looking
  }
  if (!state.looking) return
  const { lineage } = state
  const found = await waitFor(state, state.looking)
  if (state.lineage !== found) assertLineage(state, lineage)
}

async function look(state: SessionState): Promise<string | undefined> {
  const { lineage } = state
  const news = await adoptNews(state).catch(ignore)
  if (news) announce(state, lineage, news)
  return news?.lineage
}

/** Makes callers wait for this work, until it is done or a later intention overtakes it. */
function open(state: SessionState, work: Promise<void>): Promise<void> {
  const opening = leavable(work, (leave) => {
    state.release = leave
    return ignore
  })
  state.opening = opening
  const done = () => {
    if (state.opening === opening) state.opening = undefined
  }
  work.then(done, done)
  opening.catch(ignore)
  return opening
}

/** From now on, whatever is under way for the former user is void. */
function supersede(state: SessionState): void {
  const reason = lineageOver()
  beginLineage(state)
  state.drawn = 0
  state.release?.(reason)
  state.releaseLook?.(reason)
  state.opening = state.looking = undefined
  abandonFlight(state, reason)
}

/**
 * Reads tokens that a program gave.
 *
 * @throws TypeError when that is no token response; a whole response object, say, in place of its body.
 */
export function understand(where: string, input: unknown, origin: TokenOrigin, now: number): ReadTokens {
  const read = readTokens(Object(input), origin, now)
  const { accessToken, refreshToken, extra } = read.tokens
  const got = typeName(input) === 'object' ? Object.keys(extra ?? {}).join(', ') : typeName(input)
  if (got && !accessToken && !refreshToken) {
    const hint = extra?.status && typeName(extra.data) === 'object' ? ': pass response.data' : ''
    throw new TypeError(`${where}: expected tokens or the body of a token response, got ${got}${hint}`)
  }
  return read
}

import { assertOutside } from '#platform'
import { BodyNotReplayableError } from '../errors/body-not-replayable-error.ts'
import { RefreshFailedError } from '../errors/refresh-failed-error.ts'
import { SessionEndedError } from '../errors/session-ended-error.ts'
import { emit } from '../session/events.ts'
import { accepted, futile } from '../session/rejections.ts'
import type { Held, SessionState } from '../session/state.ts'
import { canReplace, type Need, readyTokens, replacement, usableTokens } from '../session/tokens-for.ts'

/** A request, as far as authorizing it is concerned. Each client makes one from what its caller gave. */
export interface SendableRequest<Result, Response extends { status: number }> extends Need {
  /** It can be sent a second time. */
  readonly replayable: boolean
  /** Origin and path: what is remembered to have accepted a token. */
  endpoint(): string
  /** Sends it. Failures without a response reject; a response is a result, whatever its status. */
  send(tokens: Held | undefined, replay: boolean): Promise<Result>
  /** Whether a response refuses the tokens. */
  refuses(result: Result): boolean | Promise<boolean>
  /** Waits for shared work, but leaves when the caller's signal or timeout says so. */
  wait<T>(work: Promise<T>): Promise<T>
  /** Frees what an unused response holds: its stream, and with it the socket. */
  discard(result: Result): void
  /** The response itself. */
  response(result: Result): Response
  /** What the caller gets; throws if that is an error. */
  deliver(result: Result): Response
}

/**
 * The order of events, for every client: attach the tokens, send, and when they are refused, replace
 * them and send once more.
 */
export async function authorizedSend<Result, Response extends { status: number }>(
  session: SessionState,
  request: SendableRequest<Result, Response>,
): Promise<Response> {
  assertOutside(session)
  const tokens = readyTokens(session) ?? (await request.wait(usableTokens(session, request)))
  let result = await request.send(tokens, false)
  let verdict = judged(request, result)
  if (verdict === false || !(await verdict)) return taken(session, request, result, tokens)

  const response = request.response(result)
  const ended = !tokens && session.status === 'ended'
  if (!ended && !(tokens && canReplace(session, tokens, request.endpoint()))) return request.deliver(result)
  request.discard(result)
  if (!tokens) throw new SessionEndedError(undefined, { response })
  // Thousands may wait here at once, so the refused outcome is not kept alive.
  result = undefined as never
  const late = tokens.generation !== session.generation
  let fresh: Held
  try {
    fresh = await request.wait(replacement(session, tokens))
  } catch (error) {
    throw withRefusal(error, response)
  }
  if (!request.replayable) {
    // Nobody will tell whether the new tokens are any better.
    if (!late) futile(session, fresh)
    throw new BodyNotReplayableError(response)
  }

  emit(session, 'replayed', { late })
  result = await request.send(fresh, true)
  verdict = judged(request, result)
  if (verdict === false || !(await verdict)) return taken(session, request, result, fresh)
  futile(session, fresh)
  return request.deliver(result)
}

/** Whether a response refuses the tokens. Nobody gets it if that cannot be said: `shouldRefresh` fails, or the caller leaves. */
function judged<Result, Response extends { status: number }>(
  request: SendableRequest<Result, Response>,
  result: Result,
): boolean | Promise<boolean> {
  try {
    const verdict = request.refuses(result)
    if (typeof verdict === 'boolean') return verdict
    return request.wait(Promise.resolve(verdict)).catch((error) => abandon(request, result, error))
  } catch (error) {
    return abandon(request, result, error)
  }
}

function abandon<Result, Response extends { status: number }>(
  request: SendableRequest<Result, Response>,
  result: Result,
  error: unknown,
): never {
  request.discard(result)
  throw error
}

/** The tokens were good; remember where, as an endpoint that refuses them later tells of a revocation. */
function taken<Result, Response extends { status: number }>(
  session: SessionState,
  request: SendableRequest<Result, Response>,
  result: Result,
  tokens: Held | undefined,
): Response {
  if (tokens && request.response(result).status < 400) accepted(session, tokens, () => request.endpoint())
  return request.deliver(result)
}

/** A shared error, as one request sees it: with the response that led here. */
function withRefusal(error: unknown, response: unknown): unknown {
  const { message, code, retryAt, retryAfter, cause } = error as RefreshFailedError
  if (error instanceof SessionEndedError) return new SessionEndedError(message, { cause, response })
  if (error instanceof RefreshFailedError) return new RefreshFailedError(message, { code, retryAt, retryAfter, cause, rejection: response })
  return error
}

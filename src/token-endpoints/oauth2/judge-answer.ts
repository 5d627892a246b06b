import { AuthError, hide } from '../../core/errors/auth-error.ts'
import { concealSecrets } from '../../core/errors/conceal.ts'
import { RefreshFailedError, type RefreshFailedErrorOptions } from '../../core/errors/refresh-failed-error.ts'
import { SessionEndedError } from '../../core/errors/session-ended-error.ts'
import { retryAfter } from '../../core/session/classify.ts'
import { ANSWERED_AT, MISREAD_BY, readTokens } from '../../core/tokens/read-tokens.ts'
import type { TokenInput } from '../../core/tokens/token-set.ts'
import { ignore } from '../../core/wait.ts'
import { refusalVerdict, unwrapError } from './refusal-verdict.ts'
import type { Answer } from './token-endpoint.ts'

/**
 * What a refusal means:
 * - `ended`: the refresh token is dead; the user must sign in again.
 * - `client-rejected`: the app's set-up is wrong.
 * - `failed`: transient.
 * - `uncertain`: transient, and the refresh token may be spent.
 */
export type Verdict = 'ended' | 'client-rejected' | 'failed' | 'uncertain'

const VERDICTS: readonly Verdict[] = ['ended', 'client-rejected', 'failed', 'uncertain']

/** Decides what a refusal means; `undefined` leaves it to the usual rules. */
export type ClassifyError = (answer: { status: number; body: unknown }) => Verdict | undefined

/** How answers are read. */
export interface AnswerOptions {
  mapResponse?: (body: unknown) => TokenInput
  classifyError?: ClassifyError
}

/**
 * Gives the tokens of an answer, or throws what its refusal means.
 *
 * @param secrets what must not get into a message, should the server echo it.
 */
export async function judgeAnswer({ mapResponse, classifyError }: AnswerOptions, answer: Answer, secrets: string[]): Promise<TokenInput> {
  const { status = 0, body, text = '', headers, failure, neverLeft } = answer
  if (failure) throw noAnswer(failure, neverLeft)
  const success = status >= 200 && status < 300
  const { verdict = usualVerdict(status, body, text), mistake } = ask(classifyError, { status, body })
  if (!verdict && success) {
    const tokens = mapResponse ? await mapped(mapResponse, body) : (body as TokenInput)
    if (!mistake || hasTokens(tokens)) {
      // A point in time that the server tells is one by its own clock.
      if (Object.isExtensible(tokens)) hide(tokens as object, ANSWERED_AT, Date.parse(String(Object(headers).date)))
      return tokens
    }
  }

  const said = describeRefusal(status, body, secrets) + (mistake ? '; classifyError threw, see the cause' : '')
  const cause = Object.assign(new Error(said, mistake ? { cause: mistake } : {}), { status })
  if (verdict === 'ended') throw new SessionEndedError(`The server refused the refresh token (${said}): sign in again`, { cause })
  const options: RefreshFailedErrorOptions = { cause, retryAfter: retryAfter(headers, Date.now()) }
  if (verdict === 'client-rejected') {
    throw new RefreshFailedError(`The server refused this client (${said}): check its id, secret, scopes and the token endpoint`, {
      code: 'ERR_CLIENT_REJECTED',
      ...options,
    })
  }
  if (verdict === 'uncertain') {
    throw new RefreshFailedError(`The token request got no usable answer (${said}): the refresh token may be spent`, {
      code: 'ERR_REFRESH_UNCERTAIN',
      ...options,
    })
  }
  throw new RefreshFailedError(`The token endpoint did not answer with tokens (${said})`, options)
}

/** What the app says of an answer. A mistake in that must not cost a pair that came: the usual rules hold, and a refusal tells of it. */
function ask(classifyError: ClassifyError | undefined, answer: Parameters<ClassifyError>[0]): { verdict?: Verdict; mistake?: unknown } {
  try {
    const verdict = classifyError?.(answer) || undefined
    if (!verdict || VERDICTS.includes(verdict)) return { verdict }
    // It may be a promise that nobody else waits for, or a piece of the body, which is not for messages.
    Promise.resolve(verdict).catch(ignore)
    throw new TypeError(`classifyError: expected ${VERDICTS.join('|')} or undefined, got another ${typeof verdict}`)
  } catch (mistake) {
    if (mistake instanceof AuthError) throw mistake
    return { mistake }
  }
}

/** The tokens as the app reads them; where it finds none, the refresh token that is there all the same: the one before may be spent. */
async function mapped(mapResponse: (body: unknown) => TokenInput, body: unknown): Promise<TokenInput> {
  const { refreshToken } = readTokens(Object(body), 'answer', 0).tokens
  let mistake: unknown = new TypeError('mapResponse gave no tokens')
  try {
    const tokens = await mapResponse(body)
    if (!refreshToken || hasTokens(tokens)) return tokens
  } catch (cause) {
    if (cause instanceof AuthError) throw cause
    if (!refreshToken) {
      throw new RefreshFailedError('mapResponse could not read the answer to the token request: the refresh token may be spent', {
        code: 'ERR_REFRESH_UNCERTAIN',
        cause,
      })
    }
    mistake = cause
  }
  concealSecrets(mistake)
  const kept: TokenInput = { refreshToken }
  hide(kept, MISREAD_BY, mistake)
  return kept
}

function hasTokens(answer: unknown): boolean {
  const { accessToken, refreshToken } = readTokens(Object(answer), 'answer', 0).tokens
  return Boolean(accessToken || refreshToken)
}

/** The server, or one before it, got the request, and what came of it is unknown (520 and 524: Cloudflare). */
const UNCERTAIN_STATUSES = [500, 502, 504, 520, 524]

function usualVerdict(status: number, body: unknown, text: string): Verdict | undefined {
  // Microsoft reports an outage of an upstream identity provider as invalid_grant.
  if (/AADB2C90085/.test(text)) return 'failed'
  const verdict = refusalVerdict(body)
  if (verdict) return verdict
  if (status === 401) return 'client-rejected'
  if (UNCERTAIN_STATUSES.includes(status)) return 'uncertain'
  if (status < 200 || status >= 300) return 'failed'
  // A page of a captive portal never was an answer; half an answer was.
  if (!body) return /^\s*</.test(text) ? 'failed' : 'uncertain'
  const { error, ok } = body as { error?: unknown; ok?: unknown }
  return error || ok === false ? 'failed' : undefined
}

function noAnswer(cause: unknown, neverLeft: boolean | undefined): RefreshFailedError {
  concealSecrets(cause)
  const { code } = Object(cause)
  const reason = code ? ` (${code})` : ''
  if (neverLeft) return new RefreshFailedError(`The token endpoint could not be reached${reason}`, { cause })
  return new RefreshFailedError(`The token request was sent and no answer came${reason}: the refresh token may be spent`, {
    code: 'ERR_REFRESH_UNCERTAIN',
    cause,
  })
}

/** Status, error code and description. */
function describeRefusal(status: number, body: unknown, secrets: string[]): string {
  const { error, errorKey, code = error ?? errorKey, message, error_description: description = message } = Object(unwrapError(body))
  const parts = [`status ${status}`, code, description].filter((part) => typeof part === 'string' || typeof part === 'number')
  return secrets
    .flatMap(spellings)
    .reduce((text, secret) => text.replaceAll(secret, '***'), parts.join(', '))
    .slice(0, 300)
}

/** A server may echo a secret as it was sent: form-encoded, or in JSON. */
function spellings(secret: string): string[] {
  return [secret, new URLSearchParams({ '': secret }).toString().slice(1), encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]
}

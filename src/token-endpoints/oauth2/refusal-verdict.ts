import { oauthVerdict } from '../../core/errors/oauth-error.ts'

/** Codes that ask for the user (OpenID Connect Core, 3.1.2.6): no token comes before they have signed in again. */
const ASKS_FOR_THE_USER = /^(interaction|login|account_selection|consent)_required$/
/** Codes, and messages in the place of codes, that blame the client: `bad_client_secret`, `invalid client` ... */
const BLAMES_THE_CLIENT = /^[a-z]+[_ ]client([_ ](id|secret|credentials))?$/i

/**
 * What the error body of a token endpoint means: what the core knows of any error body, and what else token endpoints say.
 *
 * @param body the parsed body.
 */
export function refusalVerdict(body: unknown): 'ended' | 'client-rejected' | undefined {
  return verdictOf(body) ?? verdictOf(unwrapError(body))
}

/** Some put what went wrong into an object, `{ error: { type, message, description } }`: gives it in the usual fields. */
export function unwrapError(body: unknown): unknown {
  const { error } = Object(body)
  if (Object(error) !== error) return body
  const { type, description } = error
  return { ...error, error: type, error_description: description }
}

function verdictOf(body: unknown): 'ended' | 'client-rejected' | undefined {
  const { error, code, status, message } = Object(body)
  const said = [error, code, status, message].filter((part) => typeof part === 'string')
  if (said.some((part) => ASKS_FOR_THE_USER.test(part))) return 'ended'
  return oauthVerdict(body) ?? (said.some((part) => BLAMES_THE_CLIENT.test(part)) ? 'client-rejected' : undefined)
}

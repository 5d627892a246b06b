/** Error codes by which servers say that the refresh token is dead (RFC 6749, 5.2, and spellings seen in the wild). */
const ENDED = /^(invalid_grant|unauthorized_application|(bad|invalid)_refresh_token)$/
/** Error codes that blame the set-up of the app. */
const CLIENT_REJECTED = /^(invalid_(client|scope|request)|unauthorized_client|unsupported_grant_type|forbidden)$/

/**
 * What the error body of a token endpoint means, in whichever field the provider puts its code.
 *
 * @param body the parsed body.
 */
export function oauthVerdict(body: unknown): 'ended' | 'client-rejected' | undefined {
  const { error, errorKey, code, status, message } = Object(body)
  const codes = [error, errorKey, code, status].map(spelled)
  if ([...codes, spelled(message)].some((code) => ENDED.test(code))) return 'ended'
  return codes.some((code) => CLIENT_REJECTED.test(code)) ? 'client-rejected' : undefined
}

function spelled(code: unknown): string {
  return typeof code === 'string' ? code.toLowerCase().replace(/ /g, '_') : ''
}

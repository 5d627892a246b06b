import { createSession, type OAuth2Options, oauth2, type Session, type SessionOptions, type TokenInput, type TokenSet } from 'axios-renew'

/** Where the token endpoint of these tests is; nothing goes there, it is intercepted. */
export const TOKEN_ENDPOINT = 'https://auth.example.com/oauth/token'

/** A token response that is as it should be. */
export const ANSWER = { access_token: 'access-2', refresh_token: 'refresh-2', token_type: 'bearer', expires_in: 3600 }

/** Makes one token request, without a session around it. */
export async function refreshWith(
  options: Partial<OAuth2Options> = {},
  tokens: Partial<TokenSet> = { accessToken: 'access-1', refreshToken: 'refresh-1' },
): Promise<TokenInput | null> {
  return oauth2({ tokenEndpoint: TOKEN_ENDPOINT, ...options }).refresh(tokens, { account: 'default', signal: new AbortController().signal })
}

/** A session that holds the first pair and refreshes so. */
export function sessionWith(options: Pick<SessionOptions, 'refresh'> & Partial<SessionOptions>): Session {
  return createSession({ tokens: { access_token: 'access-1', refresh_token: 'refresh-1' }, ...options })
}

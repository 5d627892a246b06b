import type { Session, TokenSet } from 'axios-renew'
import { MercadoPagoConfig, MPAuthenticationError } from 'mercadopago'

/** Causes of a 401 that no other token cures: none sent (5), credentials of the wrong kind (7). */
const SET_UP = [5, 7]

/**
 * Calls the SDK with the current token, and once more with another one when the server refuses it.
 *
 * @param call makes its clients from this configuration, and keeps neither.
 */
export async function withFreshToken<T>(session: Session, call: (config: MercadoPagoConfig) => Promise<T>): Promise<T> {
  const tokens = await session.getTokens()
  try {
    return await call(configure(tokens))
  } catch (error) {
    if (!isAboutToken(error)) throw error
    return call(configure(await session.refresh({ rejected: tokens })))
  }
}

/** The SDK tries again after outages by itself. Its own timeout is 60 s for each of 4 tries. */
function configure({ accessToken }: TokenSet): MercadoPagoConfig {
  return new MercadoPagoConfig({ accessToken, options: { timeout: 10_000, maxRetries: 2, jitter: true } })
}

function isAboutToken(error: unknown): boolean {
  if (!(error instanceof MPAuthenticationError)) return false
  return ![error.causes].flat().some((cause) => SET_UP.includes(Number(Object(cause).code)))
}

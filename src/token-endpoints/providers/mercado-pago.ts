import { checkOptions } from '../../core/check-options.ts'
import type { SessionOptions } from '../../core/session/config.ts'
import { checkUrls } from '../oauth2/check-urls.ts'
import { oauth2 } from '../oauth2/oauth2.ts'
import { shouldRefreshMercado } from './should-refresh-mercado.ts'

/** The options of {@link mercadoPago}. */
export interface MercadoPagoOptions {
  /** The id of the application at Mercado Pago. */
  clientId: string
  /** Its secret: for back ends only. */
  clientSecret: string
  /** The URL of the token endpoint. Default `https://api.mercadopago.com/oauth/token`. */
  tokenEndpoint?: string
  /** Asks for test credentials (`test_token: "true"`). Default `false`. */
  testToken?: boolean
}

const DAY = 24 * 60 * 60 * 1000

/**
 * Makes the options for a seller's Mercado Pago tokens ("Renew Access Token"); spread them into
 * `createSession`.
 *
 * The access token lives 180 days and the refresh token is single-use: it is replaced at every refresh.
 * Tokens are renewed 30 days ahead. A 401 about set-up ("Unauthorized use of live credentials") does
 * not refresh: it would spend a refresh token for nothing.
 *
 * @throws TypeError for a wrong or unknown option.
 *
 * @example
 * const session = createSession({ ...mercadoPago({ clientId, clientSecret }), load, save })
 * await session.signIn(codeExchangeResponse) // once, after the seller has authorised the app
 */
export function mercadoPago(options: MercadoPagoOptions): Pick<SessionOptions, 'refresh' | 'client' | 'refreshAheadMs' | 'shouldRefresh'> {
  const {
    testToken,
    tokenEndpoint = 'https://api.mercadopago.com/oauth/token',
    ...client
  } = checkOptions('mercadoPago', options, {
    clientId: 'string!',
    clientSecret: 'string!',
    tokenEndpoint: 'string',
    testToken: 'boolean',
  })
  checkUrls('mercadoPago', { tokenEndpoint })
  const parameters: Record<string, string> = testToken ? { test_token: 'true' } : {}
  return {
    ...oauth2({ ...client, tokenEndpoint, format: 'json', parameters }),
    refreshAheadMs: 30 * DAY,
    shouldRefresh: shouldRefreshMercado,
  }
}

import { checkOptions } from '../../core/check-options.ts'
import type { SessionOptions } from '../../core/session/config.ts'
import { checkUrls } from '../oauth2/check-urls.ts'
import { oauth2 } from '../oauth2/oauth2.ts'
import { shouldRefreshMercado } from './should-refresh-mercado.ts'

/** The options of {@link mercadoLibre}. */
export interface MercadoLibreOptions {
  /** The id of the application at Mercado Libre. */
  clientId: string
  /** Its secret: for back ends only. */
  clientSecret: string
  /** The URL of the token endpoint. Default `https://api.mercadolibre.com/oauth/token`. */
  tokenEndpoint?: string
}

/**
 * Makes the options for a seller's Mercado Libre tokens; spread them into `createSession`.
 *
 * The access token lives 6 hours and the refresh token is single-use.
 *
 * @throws TypeError for a wrong or unknown option.
 *
 * @example
 * const session = createSession({ ...mercadoLibre({ clientId, clientSecret }), load, save })
 */
export function mercadoLibre(options: MercadoLibreOptions): Pick<SessionOptions, 'refresh' | 'client' | 'shouldRefresh'> {
  const { tokenEndpoint = 'https://api.mercadolibre.com/oauth/token', ...client } = checkOptions('mercadoLibre', options, {
    clientId: 'string!',
    clientSecret: 'string!',
    tokenEndpoint: 'string',
  })
  checkUrls('mercadoLibre', { tokenEndpoint })
  return { ...oauth2({ ...client, tokenEndpoint }), shouldRefresh: shouldRefreshMercado }
}

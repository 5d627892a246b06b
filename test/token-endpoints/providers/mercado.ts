import { mercadoLibre, mercadoPago } from 'axios-renew/providers'

/** The app, as both providers know it. */
export const CLIENT = { clientId: '4934588586838432', clientSecret: 'k2R+/=&% ü"secret' }

/** Where the token endpoints are; nothing goes there, it is intercepted. */
export const PAGO_ENDPOINT = 'https://api.mercadopago.com/oauth/token'
export const LIBRE_ENDPOINT = 'https://api.mercadolibre.com/oauth/token'

/** The answers to a token request, as the providers document them. */
export const PAGO_ANSWER = {
  access_token: 'APP_USR-4934588586838432-2',
  token_type: 'bearer',
  expires_in: 15_552_000,
  scope: 'read write offline_access',
  user_id: 241983636,
  refresh_token: 'TG-2-241983636',
  public_key: 'APP_USR-d0a26210-2',
  live_mode: true,
}
export const LIBRE_ANSWER = {
  access_token: 'APP_USR-4934588586838432-2',
  token_type: 'bearer',
  expires_in: 21_600,
  scope: 'offline_access read write',
  user_id: 8035443,
  refresh_token: 'TG-2-8035443',
}

/** The pair that the seller has before. */
export const FIRST_PAIR = { access_token: 'APP_USR-4934588586838432-1', refresh_token: 'TG-1-seller' }

/** Both providers, with where they ask and what is answered. */
export const PROVIDERS = [
  ['mercadoPago', mercadoPago, PAGO_ENDPOINT, PAGO_ANSWER],
  ['mercadoLibre', mercadoLibre, LIBRE_ENDPOINT, LIBRE_ANSWER],
] as const

/** A 401 about set-up, as Mercado Pago words it (cause codes 7 and 5). */
export const LIVE_CREDENTIALS = setUpError(7, 'Unauthorized use of live credentials')
export const NO_ACCESS_TOKEN = setUpError(5, 'Must provide your access_token to proceed')

function setUpError(code: number, text: string) {
  return { message: text, error: 'unauthorized', status: 401, cause: [{ code, description: text, data: null }] }
}

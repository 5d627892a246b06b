/**
 * Ready-made options for providers; `oauth2` of `axios-renew` does all others.
 *
 * @module axios-renew/providers
 */

export { type MercadoLibreOptions, mercadoLibre } from './token-endpoints/providers/mercado-libre.ts'
export { type MercadoPagoOptions, mercadoPago } from './token-endpoints/providers/mercado-pago.ts'

export { type MercadoLibreOptions, mercadoLibre } from './token-endpoints/providers/mercado-libre.ts'
export { type MercadoPagoOptions, mercadoPago } from './token-endpoints/providers/mercado-pago.ts'

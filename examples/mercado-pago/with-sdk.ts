import { MercadoPagoConfig, Payment } from 'mercadopago'
import type { Market } from './market.ts'

/** A seller's payment by the SDK: it gets the current token, for this call only. */
export async function paymentBySdk({ pool }: Market, seller: string, id: string) {
  const { accessToken } = await pool.session(seller).getTokens()
  return new Payment(new MercadoPagoConfig({ accessToken })).get({ id })
}

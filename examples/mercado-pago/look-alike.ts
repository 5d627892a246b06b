// A stand-in for Mercado Pago on this machine, for the other programs here. Nothing of it is needed in production.
//
//   npx tsx examples/mercado-pago/look-alike.ts
//   curl -X POST '127.0.0.1:8090/look-alike/pay?seller=4711'        somebody pays the seller; the application is notified
//   curl -X POST '127.0.0.1:8090/look-alike/leave?seller=4711'      the seller takes the authorization back
import { startMercadoPagoSite } from '../servers/mercado-pago-site.ts'
import { LOOK_ALIKE } from './config.ts'

const { MP_API, MP_REDIRECT_URL, MP_WEBHOOK_SECRET } = { ...LOOK_ALIKE, ...process.env }
const site = await startMercadoPagoSite({ port: Number(new URL(MP_API).port), control: '/look-alike/' })
site.application.redirectUrl = MP_REDIRECT_URL
site.application.pkce = true
site.webhook = { url: new URL('/notifications', MP_REDIRECT_URL).href, secret: MP_WEBHOOK_SECRET }
console.log(`Mercado Pago's look-alike: ${site.url}`)

import { createHmac } from 'node:crypto'
import { createSessionPool, memoryStore } from 'axios-renew'
import { mercadoPago } from 'axios-renew/providers'
import { fakeAuthServer, fakeClock } from 'axios-renew/testing'
import { expect, test } from 'vitest'
import { isSigned } from './notifications.ts'

const DAY = 24 * 3600_000

test('after 151 days one seller is renewed, and one who has left is reported', async () => {
  const clock = fakeClock()
  const [clientId, clientSecret] = ['my-app', 'my-secret']
  const auth = fakeAuthServer({ clientId, clientSecret, expiresIn: 180 * 24 * 3600, clock })
  await auth.listen()
  const pool = createSessionPool({
    ...mercadoPago({ clientId, clientSecret, tokenEndpoint: auth.tokenEndpoint }),
    store: memoryStore(),
    clock,
  })
  await pool.session(4711).signIn(auth.signIn('4711', { user_id: 4711 }))
  const leaves = auth.signIn('4712', { user_id: 4712 })
  await pool.session(4712).signIn(leaves)

  await clock.advance(151 * DAY)
  auth.revoke(leaves.refresh_token)
  const report = await pool.renewDue({ withinMs: 30 * DAY })
  expect(report).toMatchObject({ examined: 2, renewed: 1, ended: ['4712'], failed: [] })
  expect(auth.counters.tokenRequests).toBe(2)
  await auth.close()
})

test('a notification is signed with the secret of the webhooks, and not long ago', () => {
  const signed = (secret: string, ts: number) => {
    const v1 = createHmac('sha256', secret).update(`id:123;request-id:abc;ts:${ts};`).digest('hex')
    return { 'x-request-id': 'abc', 'x-signature': `ts=${ts},v1=${v1}` }
  }
  const now = Math.floor(Date.now() / 1000)
  expect(isSigned(signed('webhook-secret', now), '123', 'webhook-secret')).toBe(true)
  expect(isSigned(signed('another', now), '123', 'webhook-secret')).toBe(false)
  expect(isSigned(signed('webhook-secret', now - 3 * 24 * 3600), '123', 'webhook-secret')).toBe(false)
})

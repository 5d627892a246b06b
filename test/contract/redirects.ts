import type { Authorize } from 'axios-renew'
import { describe, expect, test } from 'vitest'
import { freshRealm, type Realm } from '../support/realm.ts'
import type { Transport } from '../support/transport.ts'
import { authorizations, type Origins, setScene } from './harness.ts'

const CODES = [301, 302, 303, 307, 308]

/** The URL of a redirect that leads through servers to a path of the last one's API. */
function through(realm: Realm, to: string, code = 302): string {
  return `${realm.base}/redirect?code=${code}&to=${encodeURIComponent(to)}`
}

const inHeader: Authorize = ({ headers }, tokens) => void headers.set('x-token', tokens.accessToken)

/** Where tokens go when the server sends a request elsewhere. */
export function redirects(transport: Transport, origins: () => Origins): void {
  describe('redirects', () => {
    test.each(CODES)('take the token off at a %i that leaves the origins', async (code) => {
      const { realm, send } = setScene(transport, origins())
      const elsewhere = freshRealm(origins().otherOrigin)
      await send({ path: through(realm, `${elsewhere.api}/landing`, code) })
      const seen = await authorizations(elsewhere)
      expect(seen.length).toBeGreaterThan(0)
      expect(seen.filter(Boolean)).toEqual([])
    })

    test('that leave the origins and come back do not bring the token along', async () => {
      const { realm, send } = setScene(transport, origins())
      const elsewhere = freshRealm(origins().otherOrigin)
      await send({ path: through(realm, through(elsewhere, `${realm.api}/transfer?amount=1`)) })
      const seen = await authorizations(realm)
      expect(seen.length).toBeGreaterThan(0)
      expect(seen.filter(Boolean)).toEqual([])
    })

    if (transport.tellsFinalUrl) {
      test('do not lead to a refresh for a 401 of another origin', async () => {
        const { realm, send } = setScene(transport, origins())
        const elsewhere = freshRealm(origins().otherOrigin)
        expect(await send({ path: through(realm, `${elsewhere.api}/landing`) })).toMatchObject({ status: 401 })
        expect(await realm.state()).toMatchObject({ tokenRequests: 0 })
      })

      test('do not lead to a refresh for a 401 of another listed origin, where the token does not arrive', async () => {
        const { origin, otherOrigin } = origins()
        const { realm, send } = setScene(transport, origins(), {}, { origins: [origin, otherOrigin] })
        const elsewhere = freshRealm(otherOrigin)
        const { status } = await send({ path: through(realm, `${elsewhere.api}/landing`) })
        const [arrived] = await authorizations(elsewhere)
        expect(status).toBe(arrived ? 200 : 401)
        expect(await realm.state()).toMatchObject({ tokenRequests: 0 })
      })
    }

    if (!transport.guardsCustomHeaders) return

    test.each(CODES)('take a custom header off at a %i that leaves the origins', async (code) => {
      const { realm, send } = setScene(transport, origins(), {}, { authorize: inHeader })
      const elsewhere = freshRealm(origins().otherOrigin)
      const path = through(realm, `${elsewhere.api}/landing`, code)
      await send({ path, method: 'post', body: 'x', headers: { 'x-own': 'kept' } })
      const [landing] = (await elsewhere.state()).seen
      expect(landing?.headers['x-token']).toBeUndefined()
      expect(landing?.headers['x-own']).toBe('kept')
      expect(landing?.method).toBe(code < 307 ? 'GET' : 'POST')
    })

    test('keep a custom header within the origins', async () => {
      const { origin, otherOrigin } = origins()
      const { realm, send } = setScene(transport, origins(), {}, { authorize: inHeader, origins: [origin, otherOrigin] })
      const elsewhere = freshRealm(otherOrigin)
      expect(await send({ path: through(realm, `${elsewhere.api}/landing`) })).toMatchObject({ status: 200 })
    })

    test('that leave the origins and come back do not bring a custom header along, and the 401 there counts for nothing', async () => {
      const { realm, send } = setScene(transport, origins(), {}, { authorize: inHeader })
      const elsewhere = freshRealm(origins().otherOrigin)
      expect(await send({ path: through(realm, through(elsewhere, `${realm.api}/transfer`)) })).toMatchObject({ status: 401 })
      const { seen, tokenRequests } = await realm.state()
      expect(seen.map(({ headers }) => headers['x-token'])).toEqual([undefined])
      expect(tokenRequests).toBe(0)
    })
  })
}

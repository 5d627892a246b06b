import { describe, expect, test } from 'vitest'
import { freshRealm } from '../support/realm.ts'
import type { Transport } from '../support/transport.ts'
import { authorizations, type Origins, setScene } from './harness.ts'

/** Where tokens go, and where they do not. */
export function boundaries(transport: Transport, origins: () => Origins): void {
  describe('boundaries', () => {
    test('sends no token to another origin, and says so', async () => {
      const { session, send } = setScene(transport, origins())
      const reasons: string[] = []
      session.on('withheld', ({ reason }) => reasons.push(reason))
      const elsewhere = freshRealm(origins().otherOrigin)
      expect(await send({ path: `${elsewhere.api}/other` })).toMatchObject({ status: 401 })
      expect(await authorizations(elsewhere)).toEqual([undefined])
      expect(reasons).toEqual(['origin'])
    })

    test('sends the token to another origin that is listed', async () => {
      const { origin, otherOrigin } = origins()
      const { send } = setScene(transport, origins(), {}, { origins: [origin, otherOrigin] })
      const elsewhere = freshRealm(otherOrigin)
      expect(await send({ path: `${elsewhere.api}/other` })).toMatchObject({ status: 200 })
    })

    test('leaves a request with its own Authorization alone', async () => {
      const { realm, session, send } = setScene(transport, origins())
      const reasons: string[] = []
      session.on('withheld', ({ reason }) => reasons.push(reason))
      expect(await send({ path: 'own', headers: { authorization: 'Bearer mine' } })).toMatchObject({ status: 401 })
      expect(await authorizations(realm)).toEqual(['Bearer mine'])
      expect(await realm.state()).toMatchObject({ tokenRequests: 0 })
      expect(reasons).toEqual(['own-credentials'])
    })

    test('puts the token where authorize says, for replays too', async () => {
      const { realm, send } = setScene(
        transport,
        origins(),
        {},
        { authorize: ({ headers }, tokens) => void headers.set('x-token', tokens.accessToken) },
      )
      await realm.order({ expire: true })
      expect(await send({ path: 'shop?status=0' })).toMatchObject({ status: 200 })
      const { seen } = await realm.state()
      expect(seen.map(({ headers }) => [headers['x-token'], headers.authorization])).toEqual([
        ['access-1', undefined],
        ['access-2', undefined],
      ])
    })

    test('lets authorize put the token into the URL', async () => {
      const seen: string[] = []
      const { realm, send } = setScene(
        transport,
        origins(),
        {},
        {
          authorize(request, tokens) {
            seen.push(`${request.method} ${new URL(request.url).search}`)
            request.url = `${request.url}&token=${tokens.accessToken}`
          },
        },
      )
      await realm.order({ expire: true })
      expect(await send({ path: 'query?a=1' })).toMatchObject({ status: 200 })
      expect((await realm.state()).seen.map(({ path }) => path)).toEqual(['query?a=1&token=access-1', 'query?a=1&token=access-2'])
      expect(seen).toEqual(['GET ?a=1', 'GET ?a=1'])
    })

    test('refuses to let authorize move the token to another origin', async () => {
      const { send } = setScene(
        transport,
        origins(),
        {},
        {
          authorize(request) {
            request.url = `${origins().otherOrigin}/stolen`
          },
        },
      )
      await expect(send({ path: 'payments/1' })).rejects.toThrow(TypeError)
    })
  })
}

import { describe, expect, test } from 'vitest'
import type { Transport } from '../support/transport.ts'
import { authorizations, FIRST_PAIR, type Origins, setScene } from './harness.ts'

/** What happens around a 401. */
export function replaying(transport: Transport, origins: () => Origins): void {
  describe('replaying', () => {
    test('attaches the current token', async () => {
      const { realm, send } = setScene(transport, origins())
      expect(await send({ path: 'payments/1' })).toMatchObject({ status: 200 })
      expect(await authorizations(realm)).toEqual(['Bearer access-1'])
    })

    test('replays a refused request once, with the fresh token', async () => {
      const { realm, send } = setScene(transport, origins())
      await realm.order({ expire: true })
      expect(await send({ path: 'payments/1' })).toMatchObject({ status: 200 })
      expect(await authorizations(realm)).toEqual(['Bearer access-1', 'Bearer access-2'])
    })

    test('refreshes once for many 401s', async () => {
      const { realm, send } = setScene(transport, origins())
      await realm.order({ expire: true, holdToken: true })
      const answers = Promise.all(Array.from({ length: 20 }, (_, i) => send({ path: `payments/${i}` })))
      await realm.tokenRequested(1)
      await realm.order({ release: 'token' })
      expect((await answers).map(({ status }) => status)).toEqual(Array(20).fill(200))
      expect(await realm.state()).toMatchObject({ tokenRequests: 1, revoked: false })
    })

    test('replays a late 401 without another refresh', async () => {
      const { realm, session, send } = setScene(transport, origins())
      const late: boolean[] = []
      session.on('replayed', (event) => late.push(event.late))
      await realm.order({ expire: true })
      const slow = send({ path: 'slow?hold=slow' })
      await realm.arrived(1)
      await send({ path: 'payments/1' })
      await realm.order({ release: 'slow' })
      // The replay is put on hold as well.
      await realm.arrived(4)
      await realm.order({ release: 'slow' })
      expect(await slow).toMatchObject({ status: 200 })
      expect(late).toEqual([false, true])
      expect(await realm.state()).toMatchObject({ tokenRequests: 1 })
    })

    test('hands a second 401 to the caller', async () => {
      const { realm, send } = setScene(transport, origins())
      expect(await send({ path: 'always?status=401' })).toMatchObject({ status: 401 })
      expect((await realm.state()).seen).toHaveLength(2)
    })

    test.each([403, 500, 404])('does not refresh for %i', async (status) => {
      const { realm, send } = setScene(transport, origins())
      expect(await send({ path: `odd?status=${status}` })).toMatchObject({ status })
      expect(await realm.state()).toMatchObject({ tokenRequests: 0 })
    })

    test('does not refresh when the scope is what is missing', async () => {
      const { realm, send } = setScene(transport, origins())
      expect(await send({ path: 'admin?status=401&challenge=insufficient_scope' })).toMatchObject({ status: 401 })
      expect(await realm.state()).toMatchObject({ tokenRequests: 0 })
    })

    test('can be told of errors on a 200', async () => {
      const shouldRefresh = async ({ status, body }: { status: number; body(): Promise<unknown> }) =>
        status === 200 && (Object(await body()) as { ok?: boolean }).ok === false
      const { realm, send } = setScene(transport, origins(), { shouldRefresh })
      await realm.order({ expire: true })
      const { text } = await send({ path: 'slack?ok=false' })
      expect(JSON.parse(text)).toMatchObject({ status: 200 })
      expect(await realm.state()).toMatchObject({ tokenRequests: 1 })
    })

    test('saves the pair before the replay goes out', async () => {
      const order: string[] = []
      const scene = setScene(transport, origins(), {
        save: async (tokens) => {
          const { seen } = await scene.realm.state()
          order.push(`${tokens?.accessToken} after ${seen.length} requests`)
        },
      })
      await scene.send({ path: 'first' })
      await scene.realm.order({ expire: true })
      await scene.send({ path: 'second' })
      expect(order).toEqual(['access-1 after 0 requests', 'access-2 after 2 requests'])
    })

    test('sends a request once when the token is known to have expired', async () => {
      const { realm, send } = setScene(transport, origins(), { tokens: { ...FIRST_PAIR, expires_at: Date.now() - 1000 } })
      expect(await send({ path: 'payments/1' })).toMatchObject({ status: 200 })
      expect(await authorizations(realm)).toEqual(['Bearer access-2'])
    })

    test('refreshes a token that is due in the background, and sends the request at once', async () => {
      const { realm, session, send } = setScene(transport, origins(), {
        tokens: { ...FIRST_PAIR, expires_at: Date.now() + 100_000, issued_at: Date.now() - 1000_000 },
        refreshAheadMs: 200_000,
      })
      await realm.order({ holdToken: true })
      const refreshed = new Promise((resolve) => session.on('refreshed', resolve))
      expect(await send({ path: 'payments/1' })).toMatchObject({ status: 200 })
      expect(await authorizations(realm)).toEqual(['Bearer access-1'])
      await realm.tokenRequested(1)
      await realm.order({ release: 'token' })
      await refreshed
      await send({ path: 'payments/2' })
      expect(await authorizations(realm)).toEqual(['Bearer access-1', 'Bearer access-2'])
    })
  })
}

import { authFetch } from 'axios-renew/fetch'
import { describe, expect, inject, test } from 'vitest'
import { authorizations, setScene } from '../contract/harness.ts'
import { fetchTransport } from '../support/fetch-transport.ts'
import { freshRealm } from '../support/realm.ts'

const { origin, otherOrigin } = inject('origins')

function scene() {
  const { realm, session } = setScene(
    fetchTransport({ streams: false, guardsCustomHeaders: false, tellsFinalUrl: true }),
    inject('origins'),
  )
  const to = (url: string, code = 302) => `${realm.base}/redirect?code=${code}&to=${encodeURIComponent(url)}`
  return { realm, session, to, send: authFetch(session, { origins: [origin] }) }
}

describe('a redirect', () => {
  test('within the origin: the 401 behind it counts, and the response tells where it came from', async () => {
    const { realm, to, send } = scene()
    await realm.order({ expire: true })
    const response = await send(to(`${realm.api}/end?q=1`))
    expect([response.status, response.redirected, response.url]).toEqual([200, true, `${realm.api}/end?q=1`])
    expect(await realm.state()).toMatchObject({ tokenRequests: 1, seen: [{ status: 401 }, { status: 200 }] })
  })

  test.each([307, 308])('by %i takes the body of a Request along, on the replay as well', async (code) => {
    const { realm, to, send } = scene()
    await realm.order({ expire: true })
    const response = await send(new Request(to(`${realm.api}/end`, code), { method: 'POST', body: 'hello' }))
    expect(response.status).toBe(200)
    const { seen } = await realm.state()
    expect(seen.map(({ status, method, body }) => [status, method, body])).toEqual(
      [401, 200].map((status) => [status, 'POST', '68656c6c6f']),
    )
  })

  test('to another origin leaves the token behind, and the 401 there is handed out', async () => {
    const { realm, to, send } = scene()
    const elsewhere = freshRealm(otherOrigin)
    const response = await send(to(`${elsewhere.api}/landing`))
    expect([response.status, response.type, response.url]).toEqual([401, 'cors', `${elsewhere.api}/landing`])
    expect(await authorizations(elsewhere)).toEqual([undefined])
    expect((await realm.state()).tokenRequests).toBe(0)
  })

  test('with `manual` is opaque: it tells neither status nor place, and is handed out', async () => {
    const { realm, to, send } = scene()
    const { type, status, headers, url } = await send(to(`${realm.api}/end`), { redirect: 'manual' })
    expect([type, status, headers.get('location'), url]).toEqual(['opaqueredirect', 0, null, to(`${realm.api}/end`)])
    expect(await realm.state()).toMatchObject({ seen: [], tokenRequests: 0 })
  })

  test("with `error` is the browser's own TypeError", async () => {
    const { realm, to, send } = scene()
    await expect(send(to(`${realm.api}/end`), { redirect: 'error' })).rejects.toThrow(new TypeError('Failed to fetch'))
    expect(await realm.state()).toMatchObject({ seen: [], tokenRequests: 0 })
  })
})

test('with `no-cors` the browser takes the token off and hides the 401: it is handed out, opaque', async () => {
  const { realm, send } = scene()
  const { type, status } = await send(`${realm.api}/payments`, { mode: 'no-cors' })
  expect([type, status]).toEqual(['opaque', 0])
  expect(await authorizations(realm)).toEqual([undefined])
  expect((await realm.state()).tokenRequests).toBe(0)
})

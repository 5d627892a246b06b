import { gzipSync } from 'node:zlib'
import { createSession } from 'axios-renew'
import { authFetch } from 'axios-renew/fetch'
import { mercadoPago } from 'axios-renew/providers'
import { describe, expect, test } from 'vitest'
import { attached } from '../../support/attached.ts'
import { TokenServer } from '../../support/token-server.ts'
import { CLIENT, LIVE_CREDENTIALS, NO_ACCESS_TOKEN } from './mercado.ts'
import { bytesOf, serveRefusal } from './refusing-api.ts'

type Refusal = Parameters<typeof serveRefusal>
type Sent = { status: number; body: Buffer; requests: number }

const { shouldRefresh } = mercadoPago(CLIENT)

async function byAxios(...refusal: Refusal): Promise<Sent> {
  const { api, server } = attached({ baseURL: await serveRefusal(...refusal) }, {}, { shouldRefresh })
  const { status, data } = await api.get('/', { responseType: 'arraybuffer', validateStatus: () => true })
  return { status, body: await bytesOf(data), requests: server.requests }
}

async function byFetch(...refusal: Refusal): Promise<Sent> {
  const url = await serveRefusal(...refusal)
  const server = new TokenServer()
  const session = createSession({ refresh: server.refresh, tokens: server.firstPair, shouldRefresh })
  const response = await authFetch(session, { origins: [url] })(url)
  return { status: response.status, body: await bytesOf(await response.arrayBuffer()), requests: server.requests }
}

const LIVE = JSON.stringify(LIVE_CREDENTIALS)
const MIB = 2 ** 20
/** A body of so many bytes about set-up. */
const padded = (bytes: number) => `${LIVE.slice(0, -1)},"padding":"${'x'.repeat(bytes - LIVE.length - 13)}"}`

describe.each([
  ['axios', byAxios],
  ['authFetch', byFetch],
])('through %s, a 401', (_client, send) => {
  test.each<[string, string | Uint8Array, Record<string, string>?]>([
    ['with its message and no cause', '{"message":"Unauthorized use of live credentials"}'],
    ['with a longer message', '{"message":"UNAUTHORIZED: Must provide your access_token to proceed."}'],
    ['with cause 7 and another message', '{"message":"unauthorized","cause":[{"code":7}]}'],
    ['with cause 5 as text', '{"cause":[{"code":"5","description":"..."}]}'],
    ['with a cause that is no list', '{"message":null,"cause":{"code":7}}'],
    ['with a second cause', '{"cause":[{"code":2000},null,{"code":7}]}'],
    ['with a byte order mark', `\uFEFF${LIVE}`],
    ['compressed', gzipSync(LIVE), { 'content-encoding': 'gzip' }],
    ['in 1 MiB', padded(MIB)],
  ])('about set-up does not refresh: %s', async (_name, body, headers) => {
    const sent = await send(body, headers)
    expect(sent).toMatchObject({ status: 401, requests: 0 })
    const plain = headers ? LIVE : String(body)
    expect(sent.body.toString()).toBe(plain)
  })

  test.each<[string, string | Uint8Array]>([
    ['invalid_token', '{"message":"invalid_token","error":"not_found","status":401,"cause":[]}'],
    ['invalid access token', '{"code":"unauthorized","message":"invalid access token"}'],
    ['another cause', '{"message":"unauthorized","cause":[{"code":4,"description":"not authorized"}]}'],
    ['causes that look alike', '{"cause":[{"code":57},{"code":77},{"code":"ERR-7"},{"code":7.5},{"code":-5}]}'],
    ['a code that is no cause', '{"code":7,"message":"unauthorized"}'],
    ['an empty body', ''],
    ['half a body', LIVE.slice(0, 40)],
    ['a page', '<html><body>401 Unauthorized</body></html>'],
    ['null', 'null'],
    ['a number', '7'],
    ['a text', '"unauthorized"'],
    ['a list', '[{"code":7}]'],
    ['an empty object', '{}'],
    ['nothing but null', '{"message":null,"cause":null}'],
    ['causes that are no objects', '{"cause":[null,7,"5",true,[]]}'],
    ['a cause that is a text', '{"cause":"7"}'],
    ['a cause without a code', '{"cause":[{"code":null},{"description":"7"},{"code":""},{"code":[]}]}'],
    ['a message that is no text', '{"message":{"toString":1}}'],
    ['a code that is no number', '{"cause":[{"code":{"toString":1,"valueOf":1}}]}'],
    ['bytes that are no text', Uint8Array.from([0xff, 0xfe, 0x00, 0x80, 0xc3])],
    ['the words of a set-up error in 1 MiB and a byte: it is not looked into', padded(MIB + 1)],
  ])('refreshes, with %s', async (_name, body) => {
    const sent = await send(body)
    expect(sent).toMatchObject({ status: 200, requests: 1 })
    expect(sent.body.toString()).toBe('{"ok":true}')
  })

  test('that says insufficient_scope does not refresh, whatever its body says', async () => {
    const challenge = { 'www-authenticate': 'Bearer error="insufficient_scope"' }
    expect(await send('{"message":"invalid_token"}', challenge)).toMatchObject({ status: 401, requests: 0 })
  })
})

describe.each([
  ['axios', byAxios],
  ['authFetch', byFetch],
])('through %s, another status', (_client, send) => {
  test.each([200, 400, 403, 404, 500])('%d does not refresh', async (status) => {
    for (const body of [LIVE, JSON.stringify(NO_ACCESS_TOKEN), '{"message":"invalid_token","error":"not_found","status":401,"cause":[]}'])
      expect(await send(body, {}, status)).toEqual({ status, body: Buffer.from(body), requests: 0 })
  })

  test('is not looked into', async () => {
    const body = () => {
      throw new Error('was read')
    }
    for (const status of [200, 403]) {
      expect(await shouldRefresh?.({ status, headers: new Headers(), url: 'https://api.mercadopago.com', body })).toBe(false)
    }
  })
})

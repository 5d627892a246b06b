import { authFetch, BodyNotReplayableError, createSession } from 'axios-renew/fetch'
import { describe, expect, inject, test } from 'vitest'
import { FIRST_PAIR, setScene } from '../contract/harness.ts'
import { fetchTransport } from '../support/fetch-transport.ts'

const MB = 2 ** 20
const bytes = Uint8Array.from({ length: 5000 }, (_, i) => i)
const hex = (data: Uint8Array) => Array.from(data, (byte) => byte.toString(16).padStart(2, '0')).join('')
const form = () => {
  const data = new FormData()
  data.append('title', 'ticket')
  data.append('file', new Blob([bytes], { type: 'application/octet-stream' }), 'a.bin')
  return data
}
const streamOf = (data: Uint8Array<ArrayBuffer>) => new Blob([data]).stream()
const streamed = (data: Uint8Array<ArrayBuffer>) => ({ method: 'POST', body: streamOf(data), duplex: 'half' }) as RequestInit

/** Reads a request as a network does, and not by handing over a Blob. */
async function lengthOf(request: Request): Promise<number> {
  const reader = request.body?.getReader()
  for (let size = 0; ; ) {
    const { done, value } = (await reader?.read()) ?? { done: true }
    if (done) return size
    size += value?.length ?? 0
  }
}

/** A realm whose access token has expired, and a fetch that does not know it. */
async function expired() {
  const { realm, session } = setScene(
    fetchTransport({ streams: false, guardsCustomHeaders: false, tellsFinalUrl: true }),
    inject('origins'),
  )
  await realm.order({ expire: true })
  return { realm, session, url: `${realm.api}/payments`, send: authFetch(session, { origins: [inject('origins').origin] }) }
}

const BODIES: [string, () => BodyInit][] = [
  ['a string', () => 'grüße'],
  ['a Blob', () => new Blob([bytes], { type: 'image/png' })],
  ['a FormData', form],
  ['URLSearchParams', () => new URLSearchParams({ q: 'ü' })],
  ['a typed array', () => bytes.slice()],
]

describe.each<[string, (url: string, body: BodyInit) => Parameters<typeof fetch>]>([
  ['the options', (url: string, body: BodyInit) => [url, { method: 'POST', body }]],
  ['a Request', (url: string, body: BodyInit) => [new Request(url, { method: 'POST', body })]],
])('after a 401, in %s', (where, given) => {
  test.each(BODIES)('%s is sent again as it was', async (what, body) => {
    const { realm, url, send } = await expired()
    expect((await send(...given(url, body()))).status).toBe(200)
    const { seen, tokenRequests } = await realm.state()
    expect([seen.map(({ status }) => status), tokenRequests]).toEqual([[401, 200], 1])
    const [first, second] = seen
    expect(Number(second?.headers['content-length'])).toBe((second?.body.length ?? 0) / 2)
    // Each send of a form makes a boundary, unless a Request has made one for both.
    if (what === 'a FormData') expect(second?.body).toContain(hex(bytes))
    if (what === 'a FormData' && where === 'the options') return
    expect(second?.body).toBe(first?.body)
    expect(second?.headers['content-type']).toBe(first?.headers['content-type'])
  })
})

test('a Request for the options is a stream to Chromium, with a session and without', async () => {
  const { realm, url, send } = await expired()
  const request = () => new Request(url, { method: 'POST', body: 'hello' })
  for (const sent of [fetch(url, request()), send(url, request())]) {
    await expect(sent).rejects.toThrow(new TypeError('Failed to fetch'))
  }
  expect(await realm.state()).toMatchObject({ seen: [], tokenRequests: 0 })
})

describe('a large Request', () => {
  test.each([
    ['is sent again if it is no larger than what is kept', 16 * MB, 200],
    ['is a BodyNotReplayableError, and the token is fresh', 24 * MB, undefined],
  ])('that is refused: %s', async (_name, size, status) => {
    const lengths: number[] = []
    const answers = [401, 200]
    const reading: typeof fetch = async (input, init) => {
      lengths.push(await lengthOf(new Request(input, init)))
      // Chromium may read a Blob to its end before it is counted; an answer as early as that can be replayed.
      if (!status) await expect.poll(() => request.bodyUsed, { timeout: 10_000 }).toBe(true)
      return new Response('{}', { status: answers.shift() })
    }
    const session = createSession({ refresh: () => ({ access_token: 'access-2' }), tokens: FIRST_PAIR })
    const send = authFetch(session, { origins: '*', fetch: reading })
    const request = new Request('https://api.example.com/', { method: 'POST', body: new Blob([new Uint8Array(size)]) })
    const outcome = await send(request).catch((error) => error)
    expect(outcome instanceof BodyNotReplayableError ? undefined : outcome.status).toBe(status)
    expect(lengths).toEqual(status ? [size, size] : [size])
    expect(await session.getTokens()).toMatchObject({ accessToken: 'access-2' })
  })
})

describe('a stream', () => {
  test.each<[string, (url: string) => Parameters<typeof fetch>]>([
    ['the options', (url) => [url, streamed(bytes)]],
    ['a Request', (url) => [new Request(url, streamed(bytes))]],
  ])("in %s over HTTP/1.1 is Chromium's own TypeError: nothing is sent, nothing refreshed", async (_where, given) => {
    const { realm, url, send } = await expired()
    const error = await send(...given(url)).catch((error) => error)
    expect(error).toBeInstanceOf(TypeError)
    expect(error.message).toBe('Failed to fetch')
    expect(await realm.state()).toMatchObject({ seen: [], tokenRequests: 0 })
  })

  test('that can be sent and is refused is a BodyNotReplayableError', async () => {
    let sent = 0
    const overHttp2: typeof fetch = async (input, init) => {
      sent++
      await new Request(input, init).text()
      return new Response('{}', { status: 401 })
    }
    const session = createSession({ refresh: () => ({ access_token: 'access-2' }), tokens: FIRST_PAIR })
    const send = authFetch(session, { origins: '*', fetch: overHttp2 })
    const error = await send('https://api.example.com/', streamed(bytes)).catch((error) => error)
    expect(error).toBeInstanceOf(BodyNotReplayableError)
    expect(sent).toBe(1)
  })
})

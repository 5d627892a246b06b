import { createHash } from 'node:crypto'
import { type Authorize, authFetch } from 'axios-renew/fetch'
import { describe, expect, test } from 'vitest'
import { rejection } from '../../../support/session-kit.ts'
import { type Answer, ONE_REFRESH, setScene, times } from './support/scene.ts'

const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => i)
const form = () => {
  const data = new FormData()
  data.append('title', 'ticket')
  data.append('file', new Blob([bytes], { type: 'application/octet-stream' }), 'a.bin')
  return data
}
const chunks = () =>
  new ReadableStream({
    start(controller) {
      controller.enqueue(bytes)
      controller.close()
    },
  })

/** What fetch sends as a body. */
const BODIES: [string, () => BodyInit][] = [
  ['a string', () => 'grüße'],
  ['a Blob', () => new Blob([bytes], { type: 'image/png' })],
  ['a FormData', form],
  ['URLSearchParams', () => new URLSearchParams({ q: 'ü' })],
  ['an ArrayBuffer', () => bytes.slice().buffer],
  ['a typed array', () => bytes.slice()],
  ['a view of a part', () => bytes.subarray(10, 20)],
  ['an empty string', () => ''],
]

/** `/redirect?to=` leads elsewhere, with `code`; everything else answers what has arrived. */
const api: Answer = ({ method, url = '' }, response, body) => {
  const { pathname, searchParams } = new URL(url, 'http://localhost')
  if (pathname !== '/redirect') return response.end(JSON.stringify({ method, url, body }))
  response.writeHead(Number(searchParams.get('code') ?? 302), { location: searchParams.get('to') ?? '/' }).end()
}

/** What fetch without a session sends: what a replay is measured by. */
async function plainly(body: BodyInit): Promise<Record<string, unknown>> {
  const scene = await setScene()
  await fetch(new Request(scene.url, { method: 'POST', body, duplex: 'half' } as RequestInit))
  return comparable(scene.seen[0])
}

/** A boundary is made for each form. */
function comparable(seen: { headers: Record<string, unknown>; body: string } | undefined): Record<string, unknown> {
  const { headers = {}, body = '' } = seen ?? {}
  const boundary = /boundary=(\S+)/.exec(String(headers['content-type']))?.[1] ?? '\0'
  const names = ['content-type', 'content-length', 'transfer-encoding', 'x-own']
  const [type, length, encoding, own] = names.map((name) => String(headers[name]).replaceAll(boundary, '-'))
  return { type, length, encoding, own, body: createHash('sha256').update(body.replaceAll(boundary, '-')).digest('hex') }
}

test('100 requests at once with an expired token are one token request', async () => {
  const scene = await setScene(api)
  const answers = await Promise.all(times(100, async (i) => (await scene.fetch(`${scene.url}/${i}`)).json()))
  expect(answers.map(({ url }) => url)).toEqual(times(100, (i) => `/${i}`))
  expect(scene.auth.counters).toEqual(ONE_REFRESH)
  expect(scene.count(200)).toBe(100)
})

describe('a Request', () => {
  test.each([...BODIES, ['a stream', chunks] as const])('with %s is sent both times as fetch would', async (_name, body) => {
    const expected = await plainly(body())
    const scene = await setScene(api)
    const request = new Request(scene.url, { method: 'POST', body: body(), duplex: 'half' } as RequestInit)
    expect((await scene.fetch(request)).status).toBe(200)
    expect(scene.seen.map(({ status, method }) => [status, method])).toEqual([
      [401, 'POST'],
      [200, 'POST'],
    ])
    expect(scene.seen.map(comparable)).toEqual([expected, expected])
    // The boundary of a form is the Request's, so that a replay is the same to the byte.
    expect(scene.seen[1]?.body).toBe(scene.seen[0]?.body)
  })

  test.each(BODIES)('gets %s from the options', async (_name, body) => {
    const scene = await setScene(api)
    const request = new Request(scene.url, { method: 'PUT', body: 'mine', headers: { 'content-type': 'x/y', 'x-own': '1' } })
    await scene.fetch(request, { body: body(), headers: { 'x-own': '2' } })
    const [first, second] = scene.seen.map(comparable)
    expect(first).toMatchObject({ own: '2' })
    expect(second).toEqual(first)
    expect(request.bodyUsed).toBe(false)
  })

  test('keeps what it says of itself on the replay', async () => {
    const { url, session } = await setScene(api, { start: 'valid' })
    const seen: Request[] = []
    const answers = [401, 200]
    const spy: typeof fetch = async (input, init) => {
      seen.push(new Request(input, init))
      return new Response('{}', { status: answers.shift() })
    }
    const said = {
      method: 'PATCH',
      mode: 'same-origin',
      credentials: 'include',
      cache: 'no-store',
      redirect: 'error',
      integrity: 'sha256-abc',
      keepalive: true,
      referrerPolicy: 'no-referrer',
    } as const
    await authFetch(session, { origins: [url], fetch: spy })(new Request(url, { ...said, body: 'hello' }))
    expect(seen).toHaveLength(2)
    for (const request of seen) {
      const kept = Object.keys(said).map((name) => [name, request[name as keyof Request]])
      expect(Object.fromEntries(kept)).toEqual(said)
    }
    expect(await seen[1]?.text()).toBe('hello')
  })

  test('ends with its signal, while it waits and while its answer arrives', async () => {
    const scene = await setScene((_request, response) => response.write('x'))
    scene.tokenEndpoint.hold()
    const waiting = new AbortController()
    const left = rejection(scene.fetch(new Request(scene.url, { method: 'POST', body: 'hello', signal: waiting.signal })))
    await scene.tokenEndpoint.requested
    waiting.abort()
    expect(await left).toMatchObject({ name: 'AbortError' })
    scene.tokenEndpoint.release()
    const reading = new AbortController()
    const { body } = await scene.fetch(new Request(scene.url, { method: 'POST', body: 'hello', signal: reading.signal }))
    const reader = body?.getReader()
    await reader?.read()
    reading.abort()
    expect(await reader?.read().catch((error) => error)).toMatchObject({ name: 'AbortError' })
    expect(scene.seen.filter(({ status }) => status === 401)).toHaveLength(1)
  })
})

describe('a stream in the options', () => {
  test('is sent once, in chunks, and its 401 is a BodyNotReplayableError with the token fresh', async () => {
    const scene = await setScene(api)
    const init = () => ({ method: 'POST', body: chunks(), duplex: 'half' }) as RequestInit
    expect(await rejection(scene.fetch(scene.url, init()))).toMatchObject({ code: 'ERR_BODY_NOT_REPLAYABLE', response: { status: 401 } })
    expect((await scene.fetch(scene.url, init())).status).toBe(200)
    expect(scene.seen.map(({ status, headers }) => [status, headers['transfer-encoding']])).toEqual([
      [401, 'chunked'],
      [200, 'chunked'],
    ])
    expect(scene.auth.counters).toEqual(ONE_REFRESH)
  })

  test('without duplex is refused as fetch does, and nothing is sent', async () => {
    const scene = await setScene(api)
    expect(await rejection(scene.fetch(scene.url, { method: 'POST', body: chunks() }))).toMatchObject({
      name: 'TypeError',
      message: expect.stringContaining('duplex'),
    })
    expect(scene.seen).toEqual([])
  })
})

describe('redirects', () => {
  test.each(['fetch', 'hand, for `authorize`'])('tell the final URL, followed by %s', async (by) => {
    const { url, session, fetch, seen } = await setScene(api, { start: 'valid' })
    const { accessToken } = await session.getTokens()
    const authorize: Authorize = ({ headers }) => headers.set('authorization', `Bearer ${accessToken}`)
    const send = by === 'fetch' ? fetch : authFetch(session, { origins: [url], authorize })
    const response = await send(`${url}/redirect?to=${encodeURIComponent('./payments/1?q=%C3%BC#part')}`)
    expect([response.url, response.redirected, response.status]).toEqual([`${url}/payments/1?q=%C3%BC`, true, 200])
    const direct = await send(`${url}/payments/1#part`)
    expect([direct.url, direct.redirected]).toEqual([`${url}/payments/1`, false])
    expect(seen).toHaveLength(3)
  })

  test.each([307, 308])('take the body of a Request along at a %i, on the replay as well', async (code) => {
    const scene = await setScene(api)
    const response = await scene.fetch(new Request(`${scene.url}/redirect?code=${code}&to=/end`, { method: 'POST', body: 'hello' }))
    expect(await response.json()).toEqual({ method: 'POST', url: '/end', body: 'hello' })
    expect(scene.seen.map(({ status, body }) => [status, body])).toEqual([401, code, 200].map((status) => [status, 'hello']))
  })

  test('are handed out with `manual`, and refused with `error`', async () => {
    const scene = await setScene(api)
    const manual = await scene.fetch(`${scene.url}/redirect?to=/end`, { redirect: 'manual' })
    expect([manual.status, manual.headers.get('location'), manual.redirected]).toEqual([302, '/end', false])
    expect(await rejection(scene.fetch(`${scene.url}/redirect?to=/end`, { redirect: 'error' }))).toMatchObject({ message: 'fetch failed' })
    expect(scene.seen.map(({ status, url }) => [status, url])).toEqual([401, 302, 302].map((status) => [status, '/redirect?to=/end']))
    expect(scene.auth.counters).toEqual(ONE_REFRESH)
  })
})

describe('integrity', () => {
  const of = (content: string) => `sha256-${createHash('sha256').update(content).digest('base64')}`
  const answer: Answer = (_request, response) => response.end('content')

  test('is judged as by fetch when the token is good, or known to have expired', async () => {
    const scene = await setScene(answer, { start: 'without access token' })
    expect(await (await scene.fetch(scene.url, { integrity: of('content') })).text()).toBe('content')
    expect(await rejection(scene.fetch(scene.url, { integrity: of('other') }))).toMatchObject({ message: 'fetch failed' })
    expect(scene.auth.counters).toEqual(ONE_REFRESH)
  })

  test('hides a refusal: fetch fails over the content of the 401 before anybody sees it, so that nothing is refreshed', async () => {
    const scene = await setScene(answer)
    expect(await rejection(scene.fetch(scene.url, { integrity: of('content') }))).toMatchObject({
      message: 'fetch failed',
      cause: { message: 'integrity mismatch' },
    })
    expect([scene.count(401), scene.tokenEndpoint.requests]).toEqual([1, 0])
  })
})

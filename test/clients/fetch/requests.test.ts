import { createReadStream } from 'node:fs'
import { PassThrough, Readable } from 'node:stream'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type Authorize, authFetch, createSession, type SessionOptions } from 'axios-renew/fetch'
import { describe, expect, test } from 'vitest'
import { readText } from '../../../examples/servers/listen.ts'
import { serve } from '../../support/attached.ts'
import { rejection } from '../../support/session-kit.ts'
import { TokenServer } from '../../support/token-server.ts'

setFlagsFromString('--expose_gc')
const collectGarbage: () => void = runInNewContext('gc')

const never = () => new Promise<never>(() => {})
const inHeader: Authorize = ({ headers }, tokens) => headers.set('x-token', tokens.accessToken)

/** A session, expired or not, and a server that tells what it has got. */
async function scene(options: Partial<SessionOptions> = {}) {
  const seen: unknown[] = []
  const url = await serve(async (request, response) => {
    const { authorization, 'x-own': own } = request.headers
    seen.push([request.method, await readText(request), own, authorization])
    response.end('{}')
  })
  const server = new TokenServer()
  const session = createSession({ refresh: server.refresh, tokens: server.firstPair, ...options })
  return { url, origins: [url], seen, server, session }
}

/** An abort ends a body that is being read, whatever was collected meanwhile. */
async function expectAbortToEnd(body: ReadableStream<Uint8Array> | null, controller: AbortController): Promise<void> {
  const reader = body?.getReader()
  await reader?.read()
  const end = reader?.read().catch((error: Error) => error)
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    collectGarbage()
  }
  controller.abort()
  expect(await end).toMatchObject({ name: 'AbortError' })
}

/** A body for fetch, of Node. */
const upload = (body: Readable) => ({ method: 'PUT', body: body as unknown as BodyInit, duplex: 'half' }) as RequestInit

describe('wrong options', () => {
  const entry = (got: string) => `authFetch: option 'origins': expected origins such as 'https://api.example.com', got '${got}'`

  test.each([
    [undefined, "authFetch: option 'origins': expected '*' or array, got undefined"],
    [{}, "authFetch: option 'origins': expected '*' or array, got undefined"],
    ['*', 'authFetch: expected object, got string'],
    [{ origins: ['https://api.example.com/v1'] }, entry('https://api.example.com/v1')],
    [{ origins: ['api.example.com'] }, entry('api.example.com')],
  ])('are refused, with what was expected: %j', async (options, message) => {
    const { session } = await scene()
    expect(() => authFetch(session, options as never)).toThrow(new TypeError(message))
  })
})

describe('a Request for the options', () => {
  const request = () => new Request('http://old.example/', { method: 'POST', body: 'hello', headers: { 'x-own': '1' } })

  test('is sent with its method, headers and body', async () => {
    const { url, origins, seen, session } = await scene()
    await authFetch(session, { origins })(url, request())
    expect(seen).toEqual([['POST', 'hello', '1', 'Bearer a1']])
  })

  test('is sent so where the token is withheld', async () => {
    const { url, seen, session } = await scene()
    await authFetch(session, { origins: ['https://api.example.com'] })(url, request())
    expect(seen).toEqual([['POST', 'hello', '1', undefined]])
  })
})

describe('a stream that breaks before it is sent', () => {
  test('fails the request at once, while it waits', async () => {
    const { url, origins, seen, server, session } = await scene({ tokens: { refresh_token: 'r1' } })
    server.hold = true
    const api = authFetch(session, { origins })
    expect(await rejection(api(url, upload(createReadStream('/nowhere/to-be-found'))))).toMatchObject({ code: 'ENOENT' })
    const body = new Readable({ read() {} })
    const destroyed = rejection(api(url, upload(body)))
    body.destroy()
    expect(await destroyed).toMatchObject({ message: 'fetch failed', cause: { message: 'The body of the request has been destroyed' } })
    server.pending[0]?.answer()
    expect(seen).toEqual([])
  })

  test('fails the request before it is sent', async () => {
    const { url, origins, session } = await scene()
    const body = new Readable({ read() {} }).destroy(new Error('the disk is gone'))
    expect(await rejection(authFetch(session, { origins })(url, upload(body)))).toMatchObject({ message: 'the disk is gone' })
  })

  test('is read to its end otherwise, with authorize too', async () => {
    const { url, origins, seen, session } = await scene()
    await authFetch(session, { origins })(url, upload(Readable.from(['a', 'b'])))
    const slow: Authorize = () => new Promise((resolve) => setTimeout(resolve, 20))
    await authFetch(session, { origins, authorize: slow })(url, upload(Readable.from(['a', 'b'])))
    expect(seen).toEqual([
      ['PUT', 'ab', undefined, 'Bearer a1'],
      ['PUT', 'ab', undefined, undefined],
    ])
  })
})

describe('an abort', () => {
  test.each([
    ['authorize', { authorize: never }],
    ['shouldRefresh', { shouldRefresh: never }],
  ])('ends the wait for a callback of the app: %s', async (_name, callback) => {
    const { url, origins, session } = await scene()
    const left = rejection(authFetch(session, { origins, ...callback })(url, { signal: AbortSignal.timeout(30) }))
    expect(await left).toMatchObject({ name: 'TimeoutError' })
  })

  test.each(['follow', 'manual'] as const)('ends a streamed body after a garbage collection (redirect: %s)', async (redirect) => {
    const { session } = await scene()
    const url = await serve((_request, response) => {
      response.write('x')
    })
    const controller = new AbortController()
    const { body } = await authFetch(session, { origins: [url], authorize: inHeader })(url, { signal: controller.signal, redirect })
    await expectAbortToEnd(body, controller)
  })

  test('ends the streamed answer of a Request after a garbage collection', async () => {
    const { session } = await scene()
    const url = await serve((request, response) => void request.resume().on('end', () => response.write('x')))
    const controller = new AbortController()
    const request = new Request(url, { method: 'POST', body: 'hello', signal: controller.signal })
    const { body } = await authFetch(session, { origins: [url] })(request)
    await expectAbortToEnd(body, controller)
    // Nor does Node's own fetch hear of it when the Request is gone.
    expect(request.bodyUsed).toBe(true)
  })

  test('may be awaited by many without a warning, and leaves nothing behind', async () => {
    const warnings: string[] = []
    const onWarning = ({ name }: Error) => warnings.push(name)
    process.on('warning', onWarning)
    const { origins, url, server, session } = await scene({ tokens: { refresh_token: 'r1' } })
    const { signal } = new AbortController()
    const listeners = new Set<unknown>()
    const { addEventListener, removeEventListener } = signal
    signal.addEventListener = (...given: Parameters<typeof addEventListener>) => {
      listeners.add(given[1])
      addEventListener.apply(signal, given)
    }
    signal.removeEventListener = (...given: Parameters<typeof removeEventListener>) => {
      listeners.delete(given[1])
      removeEventListener.apply(signal, given)
    }
    server.hold = true
    const api = authFetch(session, { origins, fetch: async () => new Response('{}') })
    const answers = Promise.all(Array.from({ length: 50 }, () => api(url, { signal })))
    await expect.poll(() => server.pending.length).toBe(1)
    expect(listeners.size).toBe(1)
    server.pending[0]?.answer()
    await answers
    await new Promise((resolve) => setTimeout(resolve, 10))
    expect(listeners.size).toBe(0)
    expect(warnings).toEqual([])
    process.off('warning', onWarning)
  })

  test('reaches all who wait on it', async () => {
    const { origins, url, server, session } = await scene({ tokens: { refresh_token: 'r1' } })
    server.hold = true
    const controller = new AbortController()
    const left = Array.from({ length: 3 }, () => rejection(authFetch(session, { origins })(url, { signal: controller.signal })))
    await expect.poll(() => server.pending.length).toBe(1)
    controller.abort()
    for (const error of await Promise.all(left)) expect(error).toMatchObject({ name: 'AbortError' })
  })
})

test('a redirect whose body breaks is followed, and nothing else is heard of it', async () => {
  const { session } = await scene()
  const broken = new ReadableStream({ start: (controller) => controller.error(new Error('connection reset')) })
  const answers = [new Response(broken, { status: 302, headers: { location: '/2' } }), new Response('ok')]
  const api = authFetch(session, {
    origins: ['https://api.example.com'],
    authorize: inHeader,
    fetch: async () => answers.shift() as Response,
  })
  expect(await (await api('https://api.example.com/1')).text()).toBe('ok')
  // An unhandled rejection fails the run.
  await new Promise((resolve) => setTimeout(resolve, 10))
})

describe('a fetch of the app', () => {
  test.each([
    ["Node's", (): object => new PassThrough()],
    ['without a promise of the end', () => ({ cancel: () => undefined })],
    [
      'that cannot be cancelled',
      () => ({
        cancel() {
          throw new TypeError('locked')
        },
      }),
    ],
  ])('may answer 401 with a body of its own kind, which is let go of: %s', async (_, makeBody) => {
    const { session, server, origins } = await scene()
    const bodies: object[] = []
    const own = async (_input: unknown, init?: RequestInit) => {
      const refused = new Headers(init?.headers).get('authorization') === 'Bearer a1'
      if (!refused) return new Response('fine')
      const body = makeBody()
      bodies.push(body)
      return Object.create(new Response(null, { status: 401 }), {
        body: { value: body },
        status: { value: 401 },
        headers: { value: new Headers() },
        url: { value: '' },
      }) as Response
    }
    const api = authFetch(session, { origins, fetch: own as typeof fetch })
    expect(await (await api(`${origins[0]}/`)).text()).toBe('fine')
    expect(server.requests).toBe(1)
    for (const body of bodies) if (body instanceof PassThrough) expect(body.destroyed).toBe(true)
  })
})

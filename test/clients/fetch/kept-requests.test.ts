import { authFetch, createSession } from 'axios-renew/fetch'
import { describe, expect, test, vi } from 'vitest'
import { rejection } from '../../support/session-kit.ts'
import { bytesOf, MB, memoryHeld, readAll, setUploads, upload } from './support/uploads.ts'

/** How often a request was copied on its way. */
async function copies(send: () => Promise<unknown>): Promise<number> {
  const clone = vi.spyOn(Request.prototype, 'clone')
  try {
    await send()
    return clone.mock.calls.length
  } finally {
    clone.mockRestore()
  }
}

describe('a Request is copied', () => {
  test('if it has a body and tokens', async () => {
    const { url, api } = await setUploads([readAll(200)])
    expect(await copies(() => api(upload(url, 'hello')))).toBeGreaterThan(0)
  })

  test('not without a body, nor for one in the options', async () => {
    const { url, api } = await setUploads([readAll(200)])
    expect(await copies(() => api(new Request(url)))).toBe(0)
    expect(await copies(() => api(upload(url, 'hello'), { body: 'other' }))).toBe(0)
  })

  test('not without tokens, nor for another origin', async () => {
    const { url, session } = await setUploads([readAll(200)])
    const signedOut = createSession({ refresh: () => null, load: () => null })
    expect(await copies(() => authFetch(signedOut, { origins: [url] })(upload(url, 'hello')))).toBe(0)
    expect(await copies(() => authFetch(session, { origins: ['https://api.example.com'] })(upload(url, 'hello')))).toBe(0)
  })
})

describe('what is kept of a body', () => {
  test('is freed with the response, though the caller keeps the Request', async () => {
    const { url, api } = await setUploads([readAll(200)])
    const before = await memoryHeld()
    const request = upload(url, bytesOf(12 * MB).stream)
    const response = await api(request)
    expect(await response.text()).toBe(String(12 * MB))
    expect((await memoryHeld()) - before).toBeLessThan(6 * MB)
    expect(request.bodyUsed).toBe(true)
  })

  test('is freed when the send fails, so that the source can be cancelled', async () => {
    // As the Fetch Standard has it; Node's own reads a body on to its end.
    const failing: typeof fetch = async (input, init) => {
      const reader = new Request(input, init).body?.getReader()
      await reader?.read()
      void reader?.cancel()
      throw new TypeError('fetch failed')
    }
    const { url, api } = await setUploads([], { fetch: failing })
    const body = bytesOf(100 * MB)
    expect(await rejection(api(upload(url, body.stream)))).toMatchObject({ message: 'fetch failed' })
    await expect.poll(() => body.cancelled).toBe(true)
    expect(body.made).toBeLessThan(20 * MB)
  })

  test('is freed when the refresh fails', async () => {
    const { url, session } = await setUploads([readAll(401)])
    await session.signIn({ access_token: 'old', refresh_token: 'refused' })
    const before = await memoryHeld()
    const request = upload(url, bytesOf(12 * MB).stream)
    expect(await rejection(authFetch(session, { origins: [url] })(request))).toMatchObject({ code: 'ERR_SESSION_ENDED' })
    expect((await memoryHeld()) - before).toBeLessThan(6 * MB)
    expect(request.bodyUsed).toBe(true)
  })

  test('stays with the caller when nothing has been sent', async () => {
    const { url, api, arrived, server, session } = await setUploads([readAll(200)])
    await session.signIn({ refresh_token: 'r1' })
    server.hold = true
    const request = upload(url, 'hello')
    const stop = new AbortController()
    const left = rejection(api(request, { signal: stop.signal }))
    await expect.poll(() => server.requests).toBe(1)
    stop.abort()
    await left
    server.pending[0]?.answer()
    expect(request.bodyUsed).toBe(false)
    expect(await (await api(request)).text()).toBe('5')
    expect(arrived).toHaveLength(1)
  })
})

test('a server that refuses before it has read the body gets all of it the second time', async () => {
  const { url, api, arrived } = await setUploads([
    (request, response) => {
      response.writeHead(401, { connection: 'close' }).end()
      request.resume()
    },
    readAll(200),
  ])
  const response = await api(upload(url, new Blob([new Uint8Array(8 * MB)])))
  expect(await response.text()).toBe(String(8 * MB))
  expect(arrived.map(({ headers }) => headers['content-length'])).toEqual([String(8 * MB), String(8 * MB)])
})

test('a Request that does not show its body, as in some browsers, is sent again as well', async () => {
  const { url, api, arrived } = await setUploads([readAll(401), readAll(200)])
  const request = upload(url, 'hello')
  Object.defineProperty(request, 'body', { value: undefined })
  expect(await (await api(request)).text()).toBe('5')
  expect(arrived).toHaveLength(2)
})

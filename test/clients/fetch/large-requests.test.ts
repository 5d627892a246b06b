import { type Authorize, authFetch, BodyNotReplayableError } from 'axios-renew/fetch'
import { describe, expect, test } from 'vitest'
import { rejection } from '../../support/session-kit.ts'
import { bytesOf, MB, memoryHeld, readAll, setUploads, upload } from './support/uploads.ts'

/** What is kept of a body for a replay, at most. */
const BOUND = 16 * MB
const LARGE = 96 * MB
/** What sockets, and streams on the way there, may hold besides. */
const SLACK = 12 * MB

const inHeader: Authorize = ({ headers }, tokens) => headers.set('x-token', tokens.accessToken)

/** Settles when a number has not changed for a while. */
async function settled(read: () => number): Promise<number> {
  for (let last = -1; ; ) {
    const now = read()
    if (now === last) return now
    last = now
    await new Promise((resolve) => setTimeout(resolve, 150))
  }
}

describe.each([undefined, 'bytes'] as const)('a Request whose body is a large stream (type: %s)', { timeout: 60_000 }, (type) => {
  test.each([
    ['', {}],
    [', with an `authorize`, for which redirects are followed by hand', { authorize: inHeader }],
  ])('does not fill the memory while it is sent%s', async (_how, options) => {
    const { session } = await setUploads([])
    const before = await memoryHeld()
    let most = 0
    // Node's own fetch holds on to what it has sent, and would hide what is held here.
    const reading: typeof fetch = async (input, init) => {
      let size = 0
      for await (const chunk of new Request(input, init).body ?? []) {
        size += chunk.length
        if (size % (24 * MB) === 0) most = Math.max(most, (await memoryHeld()) - before)
      }
      return new Response(String(size))
    }
    const api = authFetch(session, { origins: '*', fetch: reading, ...options })
    expect(await (await api(upload('https://api.example.com/', bytesOf(LARGE, type).stream))).text()).toBe(String(LARGE))
    expect(most).toBeGreaterThan(0)
    expect(most).toBeLessThan(BOUND + SLACK)
  })

  test('is not read far ahead of what the network takes, and arrives whole', async () => {
    let go: (() => void) | undefined
    const { url, api } = await setUploads([
      (request, response) => {
        go = () => readAll(200)(request, response)
      },
    ])
    const body = bytesOf(LARGE, type)
    const answer = api(upload(url, body.stream))
    await expect.poll(() => go, { timeout: 10_000 }).toBeDefined()
    expect(await settled(() => body.made)).toBeLessThan(BOUND + SLACK)
    go?.()
    expect(await (await answer).text()).toBe(String(LARGE))
  })

  test('is a BodyNotReplayableError when it is refused; the tokens are fresh', async () => {
    const { url, api, arrived, server, session } = await setUploads([readAll(401), readAll(200)])
    const error = await rejection(api(upload(url, bytesOf(BOUND + 1, type).stream)))
    expect(error).toBeInstanceOf(BodyNotReplayableError)
    expect(error).toMatchObject({ response: { status: 401 } })
    expect([arrived.length, server.requests]).toEqual([1, 1])
    expect(await session.getTokens()).toMatchObject({ accessToken: 'a2' })
  })

  test('is sent again if it is no larger than what is kept', async () => {
    const { url, api, arrived, server } = await setUploads([readAll(401), readAll(200)])
    expect(await (await api(upload(url, bytesOf(BOUND, type).stream))).text()).toBe(String(BOUND))
    expect([arrived.length, server.requests]).toEqual([2, 1])
  })
})

import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import axios from 'axios'
import { describe, expect, test } from 'vitest'
import { settle } from '../../../src/testing/settle.ts'
import { attached, serve } from '../../support/attached.ts'
import { rejection } from '../../support/session-kit.ts'

/** A stream that has begun and does not end. */
function endless(): Readable {
  const body = new Readable({ read() {} })
  body.push('abc')
  return body
}

const missing = () => createReadStream('/nowhere/to-be-found')

/** An instance whose token has expired, and whose refresh takes until the test answers it. */
async function waiting(options = {}) {
  const received: string[] = []
  const url = await serve((request, response) => {
    received.push(String(request.method))
    request.resume().on('end', () => response.writeHead(request.headers.authorization === 'Bearer a2' ? 200 : 401).end('{}'))
  })
  const { api, server, session } = attached({ baseURL: url }, options, { tokens: { refresh_token: 'r1' } })
  server.hold = true
  return { api, server, session, received }
}

/** A stream that nobody reads yet can fail while the request waits: as axios itself does, the request fails with it. */
describe('a stream that breaks before it is sent', () => {
  test('with an error, while the request waits', async () => {
    const { api, server, received } = await waiting()
    const error = await rejection(api.put('/', missing()))
    expect(error).toMatchObject({ code: 'ENOENT', isAxiosError: true, message: expect.stringContaining('no such file') })
    server.pending[0]?.answer()
    expect(received).toEqual([])
  })

  test('by being destroyed, while the request waits', async () => {
    const { api, server, received } = await waiting()
    const body = endless()
    const error = rejection(api.put('/', body))
    await expect.poll(() => server.pending.length).toBe(1)
    body.destroy()
    expect(await error).toMatchObject({ code: 'ERR_CANCELED', message: 'Request stream has been aborted' })
    expect(axios.isCancel(await error)).toBe(true)
    server.pending[0]?.answer()
    expect(received).toEqual([])
  })

  test('after the caller has left the wait', async () => {
    const { api, server } = await waiting()
    const controller = new AbortController()
    const body = endless()
    const error = rejection(api.put('/', body, { signal: controller.signal }))
    await expect.poll(() => server.pending.length).toBe(1)
    controller.abort()
    expect(await error).toMatchObject({ code: 'ERR_CANCELED', message: 'canceled' })
    server.pending[0]?.answer()
    await settle()
    body.destroy(new Error('the disk is gone'))
    await new Promise((resolve) => body.on('close', resolve))
  })

  test('before the request was made', async () => {
    const { api, server, session, received } = await waiting()
    server.hold = false
    await session.getTokens()
    const [destroyed, failed] = [endless().destroy(), endless().destroy(new Error('the disk is gone'))]
    expect(await rejection(api.put('/', destroyed))).toMatchObject({ message: 'Request stream has been aborted' })
    expect(await rejection(api.put('/', failed))).toMatchObject({ message: 'the disk is gone' })
    expect(received).toEqual([])
  })

  test('while authorize takes its time', async () => {
    const body = endless()
    const { api, server, received } = await waiting({ authorize: () => new Promise(() => body.destroy()) })
    server.hold = false
    expect(await rejection(api.put('/', body))).toMatchObject({ message: 'Request stream has been aborted' })
    expect(received).toEqual([])
  })

  test('is no trouble to what is sent from replayBody', async () => {
    const { api, server, session, received } = await waiting()
    server.hold = false
    await session.signIn({ access_token: 'a1', refresh_token: 'r1' })
    const response = await api.put('/', Readable.from(['first']), { renew: { replayBody: () => Readable.from(['second']) } })
    expect(response.status).toBe(200)
    const broken = { renew: { replayBody: missing } }
    await session.signIn({ access_token: 'a1', refresh_token: 'r2' })
    expect(await rejection(api.put('/', Readable.from(['first']), broken))).toMatchObject({ code: 'ENOENT' })
    expect(received).toHaveLength(3)
  })
})

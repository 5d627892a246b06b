import { BodyNotReplayableError } from 'axios-renew'
import { describe, expect, test } from 'vitest'
import type { Transport } from '../support/transport.ts'
import { type Origins, setScene } from './harness.ts'

const bytes = new Uint8Array([0, 1, 2, 250, 255])
const hex = (data: string | Uint8Array) =>
  Array.from(typeof data === 'string' ? new TextEncoder().encode(data) : data, (byte) => byte.toString(16).padStart(2, '0')).join('')

/** That a replay carries the same content. */
export function bodies(transport: Transport, origins: () => Origins): void {
  describe('bodies', () => {
    test.each([
      ['a string', () => 'grüße=1', hex('grüße=1')],
      ['JSON', () => '{"amount":10}', hex('{"amount":10}')],
      ['URLSearchParams', () => new URLSearchParams({ a: '1', b: 'ü' }), hex('a=1&b=%C3%BC')],
      ['an ArrayBuffer', () => bytes.slice().buffer, hex(bytes)],
      ['a typed array', () => bytes.slice(), hex(bytes)],
      ['a Blob', () => new Blob([bytes]), hex(bytes)],
    ])('sends %s again, byte by byte', async (_name, body, expected) => {
      const { realm, send } = setScene(transport, origins())
      await realm.order({ expire: true })
      await send({ method: 'post', path: 'payments', body: body(), headers: { 'content-type': 'text/plain' } })
      const { seen } = await realm.state()
      expect(seen.map(({ status }) => status)).toEqual([401, 200])
      expect(seen.map((request) => request.body)).toEqual([expected, expected])
      expect(seen[1]?.headers['content-length']).toBe(seen[0]?.headers['content-length'])
    })

    test('sends a FormData again, but for its boundary', async () => {
      const { realm, send } = setScene(transport, origins())
      await realm.order({ expire: true })
      const form = new FormData()
      form.append('title', 'ticket')
      form.append('file', new Blob([bytes], { type: 'application/octet-stream' }), 'a.bin')
      await send({ method: 'post', path: 'upload', body: form })
      const { seen } = await realm.state()
      // A body begins with its boundary.
      const contents = seen.map(({ body }) => body.replaceAll(body.slice(0, body.indexOf(hex('\r\n'))), ''))
      expect(seen.map(({ status }) => status)).toEqual([401, 200])
      expect(contents[0]).toContain(hex(bytes))
      expect(contents[1]).toBe(contents[0])
    })

    if (!transport.streams) return

    test('never sends a stream a second time', async () => {
      const { realm, send, session } = setScene(transport, origins())
      await realm.order({ expire: true })
      const body = transport.stream?.('a long upload')
      const error = await send({ method: 'post', path: 'upload', body }).catch((error) => error)
      expect(error).toBeInstanceOf(BodyNotReplayableError)
      expect(error).toMatchObject({ code: 'ERR_BODY_NOT_REPLAYABLE', response: { status: 401 } })
      const { seen, tokenRequests } = await realm.state()
      expect(seen.map((request) => request.body)).toEqual([hex('a long upload')])
      // The tokens have been refreshed all the same.
      expect(tokenRequests).toBe(1)
      expect(await session.getTokens()).toMatchObject({ accessToken: 'access-2' })
    })

    test('waits with a stream already when the token is due', async () => {
      const now = Date.now()
      const tokens = { access_token: 'access-1', refresh_token: 'refresh-1', expires_at: now + 100_000, issued_at: now - 1000_000 }
      const { realm, send } = setScene(transport, origins(), { tokens, refreshAheadMs: 200_000 })
      await send({ method: 'post', path: 'upload', body: transport.stream?.('upload') })
      const { seen } = await realm.state()
      expect(seen.map(({ headers, body }) => [headers.authorization, body])).toEqual([['Bearer access-2', hex('upload')]])
    })
  })
}

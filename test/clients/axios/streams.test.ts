import { Agent } from 'node:http'
import { Readable } from 'node:stream'
import { BodyNotReplayableError, SessionEndedError } from 'axios-renew'
import FormDataPackage from 'form-data'
import { describe, expect, test } from 'vitest'
import { attached, serve, serveApi } from '../../support/attached.ts'
import { rejection } from '../../support/session-kit.ts'

/** An API that accepts `a2` and remembers bodies. */
async function serveUploads() {
  const bodies: string[] = []
  const lengths: (string | undefined)[] = []
  const url = await serve(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    bodies.push(body)
    lengths.push(request.headers['content-length'])
    response.writeHead(request.headers.authorization === 'Bearer a2' ? 200 : 401).end('{}')
  })
  return { url, bodies, lengths }
}

describe('bodies that can be read once', () => {
  test('are replayed from replayBody', async () => {
    const { url, bodies } = await serveUploads()
    const { api } = attached({ baseURL: url })
    const first = Readable.from(['first'])
    const response = await api.put('/', first, { renew: { replayBody: () => Readable.from(['second']) } })
    expect(response.status).toBe(200)
    expect(bodies).toEqual(['first', 'second'])
    expect(response.config.data).toBe(first)
  })

  test('may be given anew by a promise', async () => {
    const { url, bodies } = await serveUploads()
    const { api } = attached({ baseURL: url })
    await api.put('/', Readable.from(['first']), { renew: { replayBody: async () => Buffer.from('a buffer') } })
    expect(bodies).toEqual(['first', 'a buffer'])
  })

  test.each([undefined, null])('are not sent empty when replayBody gives %s', async (nothing) => {
    const { url, bodies } = await serveUploads()
    const { api } = attached({ baseURL: url })
    const failure = await rejection(api.put('/', Readable.from(['first']), { renew: { replayBody: () => nothing } }))
    expect(failure.message).toBe(`renew.replayBody: expected a body, got ${nothing}`)
    expect(bodies).toEqual(['first'])
  })

  test('of the form-data package are not sent empty', async () => {
    const { url, bodies } = await serveUploads()
    const { api } = attached({ baseURL: url })
    const form = new FormDataPackage()
    form.append('title', 'ticket')
    expect(await rejection(api.post('/', form))).toBeInstanceOf(BodyNotReplayableError)
    expect(bodies).toHaveLength(1)
  })

  test('of the form-data package can be made anew, with their own headers', async () => {
    const { url, bodies, lengths } = await serveUploads()
    const { api } = attached({ baseURL: url })
    const form = (title: string) => {
      const made = new FormDataPackage()
      made.append('title', title)
      return made
    }
    await api.post('/', form('one'), { renew: { replayBody: () => form('a longer title') } })
    expect(bodies[1]).toContain('a longer title')
    expect(Number(lengths[1])).toBe(bodies[1]?.length)
  })

  test('do not hide that the session has ended', async () => {
    const { url } = await serveUploads()
    const { api, server } = attached({ baseURL: url })
    server.revoked = true
    expect(await rejection(api.put('/', Readable.from(['x'])))).toBeInstanceOf(SessionEndedError)
  })
})

describe('an agent with one socket', () => {
  test.each(['stream', 'json', 'arraybuffer'] as const)('do not dead-lock an agent with one socket (%s)', async (responseType) => {
    const { url } = await serveApi()
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const { api } = attached({ baseURL: url, httpAgent: agent, timeout: 2000 })
    for (let i = 0; i < 3; i++) {
      const { status, data } = await api.get('/', { responseType })
      expect(status).toBe(200)
      data.destroy?.()
    }
    agent.destroy()
  })

  test('is not dead-locked by refusals that end in an error', async () => {
    const { url } = await serveApi('none')
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const { api, server } = attached({ baseURL: url, httpAgent: agent, timeout: 2000 })
    server.revoked = true
    for (let i = 0; i < 3; i++) expect(await rejection(api.get('/', { responseType: 'stream' }))).toBeInstanceOf(SessionEndedError)
    agent.destroy()
  })
})

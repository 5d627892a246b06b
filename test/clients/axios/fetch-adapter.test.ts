import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import axios from 'axios'
import { attach, createSession } from 'axios-renew'
import { describe, expect, test } from 'vitest'
import { attached, serve, serveApi } from '../../support/attached.ts'

setFlagsFromString('--expose_gc')
const collectGarbage: () => void = runInNewContext('gc')

/** Collects garbage until only what is held is left. */
async function settleMemory(): Promise<void> {
  for (let i = 0; i < 6; i++) {
    await new Promise((resolve) => setTimeout(resolve, 10))
    collectGarbage()
  }
}

describe("axios' fetch adapter", () => {
  test('sends where it is told that there is no Request', async () => {
    const { url, seen } = await serveApi()
    const env = { fetch: (...given: Parameters<typeof fetch>) => fetch(...given), Request: null, Response: null }
    const { api } = attached({ baseURL: url, adapter: 'fetch', env: env as object })
    expect((await api.get('/')).status).toBe(200)
    expect(seen).toEqual(['Bearer a1', 'Bearer a2'])
  })

  test('keeps a custom header within the origins where there is no Request', async () => {
    const seen: unknown[] = []
    const elsewhere = await serve((request, response) => {
      seen.push(request.headers['x-token'], request.method)
      response.end('{}')
    })
    const url = await serve((request, response) => {
      seen.push(request.headers['x-token'])
      request.resume().on('end', () => response.writeHead(302, { location: elsewhere }).end())
    })
    const env = { Request: null } as object
    const { api } = attached(
      { baseURL: url, adapter: 'fetch', env },
      { authorize: ({ headers }, tokens) => headers.set('x-token', tokens.accessToken) },
    )
    await api.post('/', 'x')
    const watched = Number(axios.VERSION.split('.')[1]) >= 12
    expect(seen).toEqual(['a1', watched ? undefined : 'a1', 'GET'])
  })

  test('does not keep instances and sessions in memory', async () => {
    const { url } = await serveApi('a1')
    const made: WeakRef<object>[] = []
    const use = async () => {
      const session = createSession({ refresh: () => null, tokens: { access_token: 'a1' } })
      const api = axios.create({ baseURL: url, adapter: 'fetch' })
      attach(api, session)
      await api.get('/')
      made.push(new WeakRef(session), new WeakRef(api))
    }
    for (let i = 0; i < 50; i++) await use()
    await settleMemory()
    expect(made.filter((reference) => reference.deref()).length).toBeLessThan(10)
  })

  test('lets an abort end a streamed body after a garbage collection, with authorize too', async () => {
    const url = await serve((_request, response) => {
      response.write('x')
    })
    const { api } = attached({ baseURL: url, adapter: 'fetch' }, { authorize: ({ headers }) => headers.set('x-token', 'x') })
    const controller = new AbortController()
    const { data } = await api.get('/', { responseType: 'stream', signal: controller.signal })
    const reader = data.getReader()
    await reader.read()
    const end = reader.read().catch((error: Error) => error)
    await settleMemory()
    controller.abort()
    expect(await end).toMatchObject({ code: 'ERR_CANCELED' })
  })
})

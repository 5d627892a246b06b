import axios from 'axios'
import { attach, createSession } from 'axios-renew'
import { describe, expect, test } from 'vitest'
import { attached, serveApi } from '../../support/attached.ts'
import { rejection } from '../../support/session-kit.ts'

const session = () => createSession({ refresh: () => null, tokens: { access_token: 'a2' } })

describe('attach', () => {
  test('twice with the same options is once', async () => {
    const { url, seen } = await serveApi()
    const api = axios.create({ baseURL: url })
    const same = session()
    const detach = attach(api, same, { origins: [url] })
    expect(attach(api, same, { origins: [url] })).toBe(detach)
    await api.get('/')
    detach()
    await rejection(api.get('/'))
    expect(seen).toEqual(['Bearer a2', undefined])
  })

  test('refuses a second session, and the same one with other options', () => {
    const api = axios.create({ baseURL: 'https://api.example.com' })
    const first = session()
    attach(api, first)
    expect(() => attach(api, session())).toThrow(/another session, or the same one with other options, is attached/)
    expect(() => attach(api, first, { origins: '*' })).toThrow(TypeError)
    expect(() => attach(api, first, { authorize: () => {} })).toThrow(TypeError)
  })

  test('attaches anew after a detach', async () => {
    const { url, seen } = await serveApi()
    const api = axios.create({ baseURL: url })
    attach(api, session())()
    attach(api, session())
    await api.get('/')
    expect(seen).toEqual(['Bearer a2'])
  })

  test('works again after all interceptors have been cleared', async () => {
    const { url, seen } = await serveApi()
    const api = axios.create({ baseURL: url })
    const same = session()
    const detach = attach(api, same)
    api.interceptors.request.clear()
    let ours = 0
    api.interceptors.request.use((config) => {
      ours++
      return config
    })
    attach(api, same)
    await api.get('/')
    api.interceptors.request.clear()
    api.interceptors.request.use((config) => {
      ours++
      return config
    })
    detach()
    await rejection(api.get('/'))
    expect(seen).toEqual(['Bearer a2', undefined])
    expect(ours).toBe(2)
  })

  test('lets requests under way finish as they began after a detach', async () => {
    const { url, seen } = await serveApi()
    const { api, server, detach } = attached({ baseURL: url })
    server.hold = true
    const request = api.get('/')
    await expect.poll(() => server.pending.length).toBe(1)
    detach()
    server.pending[0]?.answer()
    expect((await request).status).toBe(200)
    expect(seen).toEqual(['Bearer a1', 'Bearer a2'])
  })

  test('puts one session on several instances', async () => {
    const { url } = await serveApi()
    const { api, session, server } = attached({ baseURL: url })
    const others = [axios.create({ baseURL: url }), axios.create({ baseURL: url })]
    for (const other of others) attach(other, session)
    await Promise.all([api, ...others].flatMap((instance) => Array.from({ length: 10 }, () => instance.get('/'))))
    expect(server.requests).toBe(1)
  })

  test.each([
    [[{}, session()], 'attach: expected an axios instance'],
    [[axios.create(), {}], 'attach: expected a session made by createSession'],
    [[axios.create(), session(), { origin: 'x' }], "attach: unknown option 'origin', expected origins, shouldRefresh, authorize"],
    [
      [axios.create(), session(), { origins: 'https://api.example.com' }],
      "attach: option 'origins': expected '*' or array, got https://api.example.com",
    ],
    [
      [axios.create(), session(), { origins: ['https://api.example.com/v1'] }],
      "attach: option 'origins': expected origins such as 'https://api.example.com', got 'https://api.example.com/v1'",
    ],
    [
      [axios.create(), session(), { origins: ['api.example.com'] }],
      "attach: option 'origins': expected origins such as 'https://api.example.com', got 'api.example.com'",
    ],
    [
      [axios.create(), session(), { origins: ['https://*.example.com'] }],
      "attach: option 'origins': expected origins such as 'https://api.example.com', got 'https://*.example.com'",
    ],
    [[axios.create(), session(), { authorize: 'Bearer' }], "attach: option 'authorize': expected function, got string"],
  ])('refuses wrong arguments (%#)', (given, message) => {
    expect(() => attach(...(given as unknown as Parameters<typeof attach>))).toThrow(message)
  })
})

describe('renew in the request config', () => {
  test('skip sends the request without a token, and takes its 401 as it is', async () => {
    const { url, seen } = await serveApi()
    const { api, server } = attached({ baseURL: url })
    expect((await rejection(api.get('/', { renew: { skip: true } }))).message).toContain('401')
    expect(seen).toEqual([undefined])
    expect(server.requests).toBe(0)
  })

  test("account must be the session's", async () => {
    const { url } = await serveApi('a1')
    const { api } = attached({ baseURL: url }, {}, { account: 42 })
    expect((await api.get('/', { renew: { account: 42 } })).status).toBe(200)
    expect((await api.get('/', { renew: { account: '42' } })).status).toBe(200)
    const error = await rejection(api.get('/', { renew: { account: 'other' } }))
    expect(error).toBeInstanceOf(TypeError)
    expect(error.message).toBe("renew.account: expected '42', the account of this session, got 'other'")
  })

  test.each([
    [{ skp: true }, "renew: unknown option 'skp', expected skip, account, replayBody"],
    [{ skip: 'yes' }, "renew: option 'skip': expected boolean, got string"],
    [true, 'renew: expected object, got boolean'],
  ])('that is wrong rejects the request, which is not sent: %j', async (renew, message) => {
    const { url, seen } = await serveApi()
    const { api } = attached({ baseURL: url })
    const error = await rejection(api.get('/', { renew: renew as never }))
    expect(error).toBeInstanceOf(TypeError)
    expect(error.message).toBe(message)
    expect(seen).toEqual([])
  })

  test('is merged with what the instance says', async () => {
    const { url, seen } = await serveApi()
    const { api } = attached({ baseURL: url, renew: { skip: true } })
    await rejection(api.get('/'))
    await api.get('/', { renew: { skip: false } })
    expect(seen).toEqual([undefined, 'Bearer a1', 'Bearer a2'])
  })
})

describe('what runs how often', () => {
  test('interceptors and transforms run once, and the adapter twice', async () => {
    const { url } = await serveApi()
    const counts = { before: 0, after: 0, response: 0, request: 0, transformed: 0 }
    const api = axios.create({
      baseURL: url,
      transformRequest: [
        (data) => {
          counts.request++
          return JSON.stringify(data)
        },
      ],
      transformResponse: [
        (data) => {
          counts.transformed++
          return JSON.parse(data)
        },
      ],
    })
    const { session } = attached({ baseURL: url })
    api.interceptors.request.use((config) => {
      counts.before++
      return config
    })
    attach(api, session)
    api.interceptors.request.use((config) => {
      counts.after++
      return config
    })
    api.interceptors.response.use((response) => {
      counts.response++
      return response
    })
    const { data } = await api.post('/', { amount: 10 })
    expect(data).toEqual({ ok: true })
    expect(counts).toEqual({ before: 1, after: 1, response: 1, request: 1, transformed: 1 })
  })

  test('sees a 401 that validateStatus lets through', async () => {
    const { url, seen } = await serveApi()
    const { api } = attached({ baseURL: url, validateStatus: () => true })
    expect((await api.get('/')).status).toBe(200)
    expect(seen).toEqual(['Bearer a1', 'Bearer a2'])
  })
})

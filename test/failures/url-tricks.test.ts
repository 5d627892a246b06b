import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import axios, { type AxiosRequestConfig } from 'axios'
import { attach, createSession } from 'axios-renew'
import { authFetch } from 'axios-renew/fetch'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { close, listen } from '../../examples/servers/listen.ts'

/** Every name leads to this one server, so what counts is which host a request was meant for. */
const server = createServer((request: IncomingMessage, response: ServerResponse) => {
  seen.push({ host: String(request.headers.host).toLowerCase(), authorization: request.headers.authorization })
  response.end('{}')
})
const seen: { host: string; authorization?: string }[] = []
let port = 0

beforeAll(async () => {
  await listen(server)
  port = (server.address() as AddressInfo).port
})

afterAll(() => close(server))

const lookup = async () => '127.0.0.1'

/** `P` stands for the port; `good` is the host that may receive the token. */
const withPort = (text: string) => text.replace(/:P\b/g, `:${port}`)

const session = () => createSession({ refresh: () => null, tokens: { access_token: 'secret' } })

/** What the server saw of one request, whatever became of it. */
async function viaAxios(url: string, config: AxiosRequestConfig = {}): Promise<typeof seen> {
  const api = axios.create({ baseURL: withPort('http://good.test:P/v1'), lookup, proxy: false, maxRedirects: 0, timeout: 2000 })
  attach(api, session())
  seen.length = 0
  const baseURL = config.baseURL === undefined ? {} : { baseURL: withPort(config.baseURL) }
  await api.get(withPort(url), { ...config, ...baseURL }).catch(() => {})
  return [...seen]
}

/** What fetch would have sent, and where. */
async function viaFetch(url: string): Promise<typeof seen> {
  const sent: typeof seen = []
  const api = authFetch(session(), {
    origins: [withPort('http://good.test:P')],
    fetch: async (input, init) => {
      const request = new Request(input, init)
      sent.push({ host: new URL(request.url).host, authorization: request.headers.get('authorization') ?? undefined })
      return new Response('{}')
    },
  })
  await api(withPort(url)).catch(() => {})
  return sent
}

const ELSEWHERE = [
  'http://evil.test:P/x',
  'HTTP://EVIL.TEST:P/x',
  'hTtP://evil.test:P/x',
  '//evil.test:P/x',
  '///evil.test:P/x',
  String.raw`\\evil.test:P/x`,
  String.raw`/\evil.test:P/x`,
  String.raw`/\/evil.test:P/x`,
  'http:/evil.test:P/x',
  'http:evil.test:P/x',
  'http:///evil.test:P/x',
  String.raw`http:\\evil.test:P/x`,
  ' http://evil.test:P/x',
  '\thttp://evil.test:P/x',
  'ht\ntp://evil.test:P/x',
  'http://good.test@evil.test:P/x',
  'http://good.test%40evil.test:P/x',
  String.raw`http://evil.test:P\@good.test:P/x`,
  'http://evil.test:P#@good.test:P/x',
  'http://evil.test:P?@good.test:P/x',
  'http://evil.test:P/@good.test:P/x',
  'http://good.test.evil.test:P/x',
  'http://good.test.:P/x',
  'http://sub.good.test:P/x',
  'http://goоd.test:P/x',
  'http://ｅvil.test:P/x',
  'http://127.0.0.1:P/x',
  'http://[::ffff:127.0.0.1]:P/x',
  'http://0x7f.1:P/x',
  'http://2130706433:P/x',
  'http://localhost:P/x',
  'https://good.test:P/x',
  'http://good.test:1/x',
  'http://user@evil.test:P/x',
  'data:application/json,{}',
  'javascript:alert(1)',
  'file:///etc/passwd',
  'blob:http://good.test:P/0',
  'x:http://good.test:P/x',
]

/** These look odd, and go to the good host all the same. */
const HOME = [
  'x',
  '/x',
  '',
  '?a=1',
  '../x',
  './/evil.test/x',
  '@evil.test:P/x',
  '.evil.test:P/x',
  ':1/x',
  'x?to=http://evil.test',
  'x#//evil.test',
  'http://good.test:P/other',
  'HTTP://GOOD.TEST:P/x',
  'http://ｇood.test:P/x',
]

describe('a URL that leads elsewhere', () => {
  test.each(ELSEWHERE)('gets no token: %j', async (url) => {
    for (const requests of [await viaAxios(url), await viaFetch(url)]) {
      for (const { host, authorization } of requests) {
        // A `blob:` is in this process: nothing is sent.
        if (host !== `good.test:${port}` && host !== '')
          expect([host, authorization ?? '']).toEqual([host, expect.not.stringContaining('secret')])
      }
    }
  })

  test.each([
    ['a base URL of the request', 'x', { baseURL: 'http://evil.test:P' }],
    ['a base URL that looks like the good one', 'x', { baseURL: 'http://good.test:P@evil.test:P' }],
    ['a base URL with credentials', 'x', { baseURL: 'http://user:password@good.test:P' }],
    ['an absolute URL that is to be taken for a path', 'http://evil.test:P/x', { allowAbsoluteUrls: false, baseURL: 'http://evil.test:P' }],
    ['no base URL', 'http://evil.test:P/x', { baseURL: '' }],
  ] as [string, string, AxiosRequestConfig][])('gets no token by %s', async (_name, url, config) => {
    for (const { authorization } of await viaAxios(url, config)) expect(authorization ?? '').not.toContain('secret')
  })

  test('gets no token when an interceptor, or transformRequest, leads it there', async () => {
    for (const rewrite of ['url', 'baseURL', 'transform'] as const) {
      const api = axios.create({ baseURL: withPort('http://good.test:P'), lookup, proxy: false })
      attach(api, session())
      const evil = withPort('http://evil.test:P')
      api.interceptors.request.use((config) => {
        if (rewrite === 'url') config.url = `${evil}/x`
        else if (rewrite === 'baseURL') config.baseURL = evil
        else
          config.transformRequest = [
            function (this: { url?: string; baseURL?: string }, data) {
              Object.assign(config, { url: `${evil}/x` })
              return data
            },
          ]
        return config
      })
      seen.length = 0
      await api.get('/x')
      expect(seen).toEqual([{ host: new URL(evil).host, authorization: undefined }])
    }
  })
})

describe('a URL that only looks as if it led elsewhere', () => {
  test.each(HOME)('gets the token: %j', async (url) => {
    expect(await viaAxios(url)).toEqual([{ host: `good.test:${port}`, authorization: 'Bearer secret' }])
  })

  test('gets the token when absolute URLs are taken for paths', async () => {
    const [request] = await viaAxios('/x', { allowAbsoluteUrls: false })
    expect(request).toEqual({ host: `good.test:${port}`, authorization: 'Bearer secret' })
  })

  test('gets the token through a proxy', async () => {
    const through: (string | undefined)[] = []
    const proxy = createServer((request, response) => {
      through.push(`${request.url} ${request.headers.authorization}`)
      response.end('{}')
    })
    const address = new URL(await listen(proxy))
    const api = axios.create({
      baseURL: 'http://good.test/v1',
      proxy: { protocol: 'http', host: address.hostname, port: Number(address.port) },
    })
    attach(api, session())
    await api.get('/x')
    await api.get('http://evil.test/x')
    await close(proxy)
    expect(through).toEqual(['http://good.test/v1/x Bearer secret', 'http://evil.test/x undefined'])
  })
})

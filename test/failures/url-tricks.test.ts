import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import axios, { type AxiosRequestConfig, getAdapter } from 'axios'
import { attach, createSession } from 'axios-renew'
import { authFetch } from 'axios-renew/fetch'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { close, listen } from '../../examples/servers/listen.ts'

/** Every name leads to this one server, so what counts is which host a request was meant for. */
const server = createServer((request: IncomingMessage, response: ServerResponse) => {
  seen.push(arrival(`http://${String(request.headers.host).toLowerCase()}`, request.headers.authorization))
  response.end('{}')
})
const seen: Arrival[] = []
let port = 0

/** Where a request went, and whether the token was on it. */
interface Arrival {
  origin: string
  token: boolean
}

const arrival = (origin: string, authorization: unknown): Arrival => ({ origin, token: String(authorization).includes('secret') })

beforeAll(async () => {
  await listen(server)
  port = (server.address() as AddressInfo).port
})

afterAll(() => close(server))

const lookup = async () => '127.0.0.1'

/** `P` stands for the port; `good` is the host that may receive the token. */
const withPort = (text: string) => text.replace(/:P\b/g, `:${port}`)

const session = () => createSession({ refresh: () => null, tokens: { access_token: 'secret' } })

/** Where a request went; also when nobody answers there, or not in plain http. Nowhere: axios will have nothing of the URL. */
async function viaAxios(url: string, config: AxiosRequestConfig = {}): Promise<Arrival[]> {
  const tried: Arrival[] = []
  const send = getAdapter('http')
  const api = axios.create({
    ...{ baseURL: withPort('http://good.test:P/v1'), lookup, proxy: false, maxRedirects: 0, timeout: 2000 },
    adapter: (final) =>
      send(final).catch((error) => {
        if (/^(EPROTO|ECONNREFUSED)$/.test(error.code))
          tried.push(arrival(new URL(axios.getUri(final)).origin, final.headers.get('Authorization')))
        throw error
      }),
  })
  attach(api, session())
  seen.length = 0
  const baseURL = config.baseURL === undefined ? {} : { baseURL: withPort(config.baseURL) }
  await api.get(withPort(url), { ...config, ...baseURL }).catch(expectUnusable(tried))
  return [...seen, ...tried]
}

/** Where fetch would have sent it. */
async function viaFetch(url: string): Promise<Arrival[]> {
  const sent: Arrival[] = []
  const api = authFetch(session(), {
    origins: [withPort('http://good.test:P')],
    fetch: async (input, init) => {
      const request = new Request(input, init)
      sent.push(arrival(new URL(request.url).origin, request.headers.get('authorization')))
      return new Response('{}')
    },
  })
  await api(withPort(url)).catch(expectUnusable(sent))
  return sent
}

/** A request that went nowhere must have failed for its URL. */
function expectUnusable(sent: unknown[]): (error: { message: string }) => void {
  return ({ message }) => {
    if (sent.length === 0) expect(message).toMatch(/invalid url|parse url|includes credentials|protocol/i)
  }
}

const GOOD = 'http://good.test:P'
const EVIL = 'http://evil.test:P'
const LOCAL = 'http://127.0.0.1:P'
/** The client will have nothing of it. */
const NOWHERE = undefined

/** Where axios sends it and where fetch does: the token goes along to the good host, and nowhere else. */
const ELSEWHERE: [url: string, viaAxios: string | undefined, viaFetch: string | undefined][] = [
  ['http://evil.test:P/x', EVIL, EVIL],
  ['HTTP://EVIL.TEST:P/x', EVIL, EVIL],
  ['hTtP://evil.test:P/x', EVIL, EVIL],
  ['//evil.test:P/x', NOWHERE, NOWHERE],
  ['///evil.test:P/x', NOWHERE, NOWHERE],
  [String.raw`\\evil.test:P/x`, GOOD, NOWHERE],
  [String.raw`/\evil.test:P/x`, GOOD, NOWHERE],
  [String.raw`/\/evil.test:P/x`, GOOD, NOWHERE],
  ['http:/evil.test:P/x', NOWHERE, EVIL],
  ['http:evil.test:P/x', NOWHERE, EVIL],
  ['http:///evil.test:P/x', EVIL, EVIL],
  [String.raw`http:\\evil.test:P/x`, NOWHERE, EVIL],
  [' http://evil.test:P/x', GOOD, EVIL],
  ['\thttp://evil.test:P/x', GOOD, EVIL],
  ['ht\ntp://evil.test:P/x', GOOD, EVIL],
  ['http://good.test@evil.test:P/x', EVIL, NOWHERE],
  ['http://good.test%40evil.test:P/x', NOWHERE, NOWHERE],
  [String.raw`http://evil.test:P\@good.test:P/x`, EVIL, EVIL],
  ['http://evil.test:P#@good.test:P/x', EVIL, EVIL],
  ['http://evil.test:P?@good.test:P/x', EVIL, EVIL],
  ['http://evil.test:P/@good.test:P/x', EVIL, EVIL],
  ['http://good.test.evil.test:P/x', 'http://good.test.evil.test:P', 'http://good.test.evil.test:P'],
  ['http://good.test.:P/x', 'http://good.test.:P', 'http://good.test.:P'],
  ['http://sub.good.test:P/x', 'http://sub.good.test:P', 'http://sub.good.test:P'],
  ['http://goоd.test:P/x', 'http://xn--god-ted.test:P', 'http://xn--god-ted.test:P'],
  ['http://ｅvil.test:P/x', EVIL, EVIL],
  ['http://127.0.0.1:P/x', LOCAL, LOCAL],
  ['http://[::ffff:127.0.0.1]:P/x', 'http://[::ffff:7f00:1]:P', 'http://[::ffff:7f00:1]:P'],
  ['http://0x7f.1:P/x', LOCAL, LOCAL],
  ['http://2130706433:P/x', LOCAL, LOCAL],
  ['http://localhost:P/x', 'http://localhost:P', 'http://localhost:P'],
  ['https://good.test:P/x', 'https://good.test:P', 'https://good.test:P'],
  ['http://good.test:1/x', 'http://good.test:1', 'http://good.test:1'],
  ['http://user@evil.test:P/x', EVIL, NOWHERE],
  ['data:application/json,{}', GOOD, 'null'],
  ['javascript:alert(1)', GOOD, 'null'],
  ['file:///etc/passwd', NOWHERE, 'null'],
  // That of fetch is in this process: nothing is sent.
  ['blob:http://good.test:P/0', GOOD, GOOD],
  ['x:http://good.test:P/x', GOOD, 'null'],
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

/** What must have been seen of a request that went there. */
function only(origin: string | undefined): Arrival[] {
  return origin === undefined ? [] : [{ origin: withPort(origin), token: origin === GOOD }]
}

describe('a URL that leads elsewhere', () => {
  test.each(ELSEWHERE)('gets no token: %j', async (url, withAxios, withFetch) => {
    expect(await viaAxios(url), 'axios').toEqual(only(withAxios))
    expect(await viaFetch(url), 'fetch').toEqual(only(withFetch))
  })

  test.each([
    ['a base URL of the request', 'x', EVIL, { baseURL: EVIL }],
    ['a base URL that looks like the good one', 'x', EVIL, { baseURL: 'http://good.test:P@evil.test:P' }],
    ['a base URL with credentials', 'x', GOOD, { baseURL: 'http://user:password@good.test:P' }],
    ['an absolute URL that is to be taken for a path', 'http://evil.test:P/x', EVIL, { allowAbsoluteUrls: false, baseURL: EVIL }],
    ['no base URL', 'http://evil.test:P/x', EVIL, { baseURL: '' }],
  ] as [string, string, string, AxiosRequestConfig][])('gets no token by %s', async (_name, url, origin, config) => {
    expect(await viaAxios(url, config)).toEqual([{ origin: withPort(origin), token: false }])
  })

  test('gets no token over a Unix socket: what counts is whom the request names', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'axios-renew-'))
    const socketPath = join(folder, 'api.sock')
    const unix = createServer((request, response) => server.emit('request', request, response))
    await new Promise<void>((resolve) => unix.listen(socketPath, resolve))
    onTestFinished(async () => {
      await close(unix)
      rmSync(folder, { recursive: true })
    })
    // To a socket axios sends `Host: localhost`, whatever the URL.
    const arrived = (token: boolean) => [{ origin: 'http://localhost', token }]
    expect(await viaAxios('http://evil.test:P/x', { socketPath })).toEqual(arrived(false))
    expect(await viaAxios('/x', { socketPath, baseURL: EVIL })).toEqual(arrived(false))
    expect(await viaAxios('/x', { socketPath })).toEqual(arrived(true))
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
      expect(seen).toEqual([{ origin: evil, token: false }])
    }
  })
})

describe('a URL that only looks as if it led elsewhere', () => {
  test.each(HOME)('gets the token: %j', async (url) => {
    expect(await viaAxios(url)).toEqual([{ origin: withPort(GOOD), token: true }])
  })

  test('gets the token when absolute URLs are taken for paths', async () => {
    expect(await viaAxios('/x', { allowAbsoluteUrls: false })).toEqual([{ origin: withPort(GOOD), token: true }])
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

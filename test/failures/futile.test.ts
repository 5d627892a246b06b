import { Readable } from 'node:stream'
import axios, { type AxiosAdapter, type AxiosInstance } from 'axios'
import { attach, createSession, type Session } from 'axios-renew'
import { type FakeClock, fakeClock } from 'axios-renew/testing'
import { describe, expect, test } from 'vitest'
import { TokenServer } from '../support/token-server.ts'

/** An API: `/always` says 401 to every token, `/healthy` to all but the current one. */
function setScene(): {
  api: AxiosInstance
  server: TokenServer
  clock: FakeClock
  session: Session
  get: (path: string) => Promise<number>
} {
  const server = new TokenServer()
  const clock = fakeClock()
  const adapter: AxiosAdapter = async (config) => {
    const good = !server.revokedTokens.has(String(config.headers.get('Authorization')).replace('Bearer ', ''))
    const status = config.url === '/healthy' && good ? 200 : 401
    return { status, statusText: '', headers: {}, config, data: '' }
  }
  const api = axios.create({ baseURL: 'https://api.example.com', adapter, validateStatus: () => true })
  const session = createSession({ refresh: server.refresh, tokens: server.firstPair, clock })
  attach(api, session)
  return { api, server, clock, session, get: async (path) => (await api.get(path)).status }
}

describe('an endpoint that always says 401', () => {
  test('costs six refreshes for 200 requests one after another, and two for 200 more at once', async () => {
    const { get, server } = setScene()
    for (let i = 0; i < 200; i++) expect(await get('/always')).toBe(401)
    expect(server.requests).toBeLessThanOrEqual(6)
    expect(server.requests).toBeGreaterThan(0)
    const before = server.requests
    await Promise.all(Array.from({ length: 200 }, () => get('/always')))
    expect(server.requests - before).toBeLessThanOrEqual(2)
  })

  test('costs no more when what it refuses are streams, which are not sent again', async () => {
    const { api, server } = setScene()
    const upload = () => api.put('/always', Readable.from(['content'])).catch(({ code }) => code)
    for (let i = 0; i < 200; i++) expect(['ERR_BODY_NOT_REPLAYABLE', 401]).toContain(((answer) => answer.status ?? answer)(await upload()))
    expect(server.requests).toBeLessThanOrEqual(6)
  })

  test('costs no more in the middle of healthy traffic', async () => {
    const { get, server } = setScene()
    for (let i = 0; i < 200; i++) {
      expect(await get('/always')).toBe(401)
      expect(await get('/healthy')).toBe(200)
    }
    expect(server.requests).toBeLessThanOrEqual(6)
    const before = server.requests
    await Promise.all(Array.from({ length: 200 }, (_, i) => get(i % 2 ? '/always' : '/healthy')))
    expect(server.requests - before).toBeLessThanOrEqual(2)
  })

  test('does not hide a revocation that happens in between', async () => {
    const { get, server } = setScene()
    for (let i = 0; i < 100; i++) await Promise.all([get('/always'), get('/healthy')])
    const before = server.requests
    server.revokeAccessToken()
    expect(await get('/healthy')).toBe(200)
    expect(server.requests - before).toBe(1)
    for (let i = 0; i < 100; i++) {
      expect(await get('/always')).toBe(401)
      expect(await get('/healthy')).toBe(200)
    }
    expect(server.requests - before).toBeLessThanOrEqual(2)
  })

  test('is granted one more refresh a minute', async () => {
    const { get, server, clock } = setScene()
    for (let i = 0; i < 50; i++) await get('/always')
    const before = server.requests
    for (let minute = 0; minute < 10; minute++) {
      clock.jump(60_000)
      for (let i = 0; i < 20; i++) await get('/always')
    }
    expect(server.requests - before).toBeLessThanOrEqual(10)
  })

  test('costs the next user nothing', async () => {
    const { get, server, session } = setScene()
    for (let i = 0; i < 50; i++) await get('/always')
    await session.signIn({ access_token: 'other', refresh_token: `r${server.requests + 1}` })
    server.revokedTokens.add('other')
    expect(await get('/healthy')).toBe(200)
  })
})

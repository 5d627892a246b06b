import axios from 'axios'
import {
  attach,
  createSessionPool,
  memoryStore,
  SessionEndedError,
  type SessionPool,
  type SessionPoolOptions,
  SignedOutError,
} from 'axios-renew'
import { authFetch } from 'axios-renew/fetch'
import { describe, expect, test } from 'vitest'
import { serve } from '../../support/attached.ts'
import { rejection } from '../../support/session-kit.ts'

/** An API that accepts the newest token of each seller, and a pool whose sellers it knows. */
async function startScene(options: Partial<SessionPoolOptions> = {}) {
  const accepted = new Map<string, string>()
  const refreshed: string[] = []
  const refused = new Set<string>()
  const seen: (string | undefined)[] = []
  let count = 0
  const url = await serve((request, response) => {
    const { authorization } = request.headers
    seen.push(authorization)
    const ok = [...accepted.values()].some((token) => authorization === `Bearer ${token}`)
    // Late and early answers are mixed.
    setTimeout(() => response.writeHead(ok ? 200 : 401).end(authorization), Math.random() * 10)
  })
  const pool = createSessionPool({
    store: memoryStore(),
    refresh: async (_, { account }) => {
      refreshed.push(account)
      if (refused.has(account)) throw new SessionEndedError()
      const token = `of ${account}, number ${++count}`
      accepted.set(account, token)
      return { access_token: token, refresh_token: token }
    },
    ...options,
  })
  return {
    url,
    pool,
    seen,
    refreshed,
    refused,
    /** The API accepts its token no more. */
    expire: (account: string) => accepted.set(account, 'another'),
    async signIn(...accounts: string[]): Promise<void> {
      for (const account of accounts) {
        accepted.set(account, `of ${account}`)
        await pool.session(account).signIn({ access_token: `of ${account}`, refresh_token: 'r' })
      }
    },
    api(account?: string | number) {
      const api = axios.create({ baseURL: url, renew: { account } })
      attach(api, pool)
      return api
    },
  }
}

/** What reached the server, as an answer tells. */
const sentBy = ({ data }: { data: unknown }): unknown => data

describe('a pool attached to an axios instance', () => {
  test('gives each request the token of the account that it names, a number or a string', async () => {
    const scene = await startScene()
    await scene.signIn('7', 'maria')
    const api = scene.api()
    expect(sentBy(await api.get('/', { renew: { account: 7 } }))).toBe('Bearer of 7')
    expect(sentBy(await api.get('/', { renew: { account: '7' } }))).toBe('Bearer of 7')
    expect(sentBy(await api.get('/', { renew: { account: 'maria' } }))).toBe('Bearer of maria')
  })

  test('binds an instance to an account by its defaults, which a request may overrule', async () => {
    const scene = await startScene()
    await scene.signIn('7', 'maria')
    const api = scene.api(7)
    expect(sentBy(await api.get('/'))).toBe('Bearer of 7')
    expect(sentBy(await api.get('/', { renew: { account: 'maria' } }))).toBe('Bearer of maria')
  })

  test('decides in order: skip, own credentials, origin, account, tokens', async () => {
    const scene = await startScene()
    const elsewhere = await serve((request, response) => response.end(request.headers.authorization ?? 'nothing'))
    const api = scene.api()
    const heard: unknown[] = []
    scene.pool.on('withheld', (event) => heard.push(event))
    const all = { validateStatus: () => true }
    // None of them needs an account.
    await api.get('/', { ...all, renew: { skip: true } })
    await api.get(elsewhere, { ...all, headers: { Authorization: 'Bearer mine' } })
    await api.get(elsewhere, all)
    expect(scene.seen).toEqual([undefined])
    expect(heard).toEqual([
      { account: '', generation: 0, reason: 'own-credentials' },
      { account: '', generation: 0, reason: 'origin' },
    ])
    await api.get(elsewhere, { ...all, renew: { account: 7 } })
    expect(heard.at(-1)).toEqual({ account: '7', generation: 0, reason: 'origin' })
    const error = await rejection(api.get('/'))
    expect(error).toBeInstanceOf(TypeError)
    expect(error.message).toBe('renew.account: expected whose tokens this request gets, as a pool is attached; got undefined')
    expect(await rejection(api.get('/', { renew: { account: 'nobody' } }))).toBeInstanceOf(SignedOutError)
    expect(scene.seen).toHaveLength(1)
  })

  test('never mixes accounts, however many requests are under way', async () => {
    const scene = await startScene()
    const accounts = ['a', 'b', 'c', 'd', 'e']
    await scene.signIn(...accounts)
    const api = scene.api()
    scene.expire('b')
    scene.expire('d')
    const requests = Array.from({ length: 100 }, async (_, i) => {
      const account = String(accounts[i % 5])
      expect(String(sentBy(await api.get('/', { renew: { account } })))).toMatch(new RegExp(`^Bearer of ${account}(, number \\d)?$`))
    })
    await Promise.all(requests)
    expect(scene.refreshed.sort()).toEqual(['b', 'd'])
  })

  test('refreshes the account whose request is refused, and no other', async () => {
    const scene = await startScene()
    await scene.signIn('a', 'b')
    scene.expire('a')
    const heard: string[] = []
    scene.pool.on('replayed', ({ account, late }) => heard.push(`${account} ${late}`))
    expect(sentBy(await scene.api('a').get('/'))).toBe('Bearer of a, number 1')
    expect(sentBy(await scene.api('b').get('/'))).toBe('Bearer of b')
    expect(scene.refreshed).toEqual(['a'])
    expect(heard).toEqual(['a false'])
  })

  test('rejects at once, and sends nothing, for an account that has ended or signed out', async () => {
    const scene = await startScene()
    await scene.signIn('a', 'b')
    const api = scene.api()
    scene.refused.add('a')
    scene.expire('a')
    expect(await rejection(api.get('/', { renew: { account: 'a' } }))).toBeInstanceOf(SessionEndedError)
    await scene.pool.session('b').signOut()
    scene.seen.length = 0
    expect(await rejection(api.get('/', { renew: { account: 'a' } }))).toBeInstanceOf(SessionEndedError)
    expect(await rejection(api.get('/', { renew: { account: 'b' } }))).toBeInstanceOf(SignedOutError)
    expect(scene.seen).toEqual([])
    expect(scene.refreshed).toEqual(['a'])
  })

  test('is attached once, and no other beside', async () => {
    const scene = await startScene()
    const { pool } = await startScene()
    const api = axios.create({ baseURL: scene.url })
    const detach = attach(api, scene.pool)
    expect(attach(api, scene.pool)).toBe(detach)
    expect(() => attach(api, pool)).toThrow(TypeError)
    expect(() => attach(api, scene.pool.session('a'))).toThrow(/another session, or the same one with other options/)
    detach()
    attach(api, pool)
  })
})

describe('a session of a pool', () => {
  test('makes a fetch for its account; a pool makes none', async () => {
    const scene = await startScene()
    await scene.signIn('a', 'b')
    const api = authFetch(scene.pool.session('b'), { origins: [scene.url] })
    scene.expire('b')
    expect(await (await api(scene.url)).text()).toBe('Bearer of b, number 1')
    expect(scene.refreshed).toEqual(['b'])
    expect(() => authFetch(scene.pool as never, { origins: [scene.url] })).toThrow(/session\(\) of a pool/)
    expect(() => authFetch(scene.pool as never, { origins: [scene.url] })).toThrow(TypeError)
  })

  test('may be let go between any two requests, by whatever it is used', async () => {
    const scene = await startScene({ maxIdleSessions: 0 })
    await scene.signIn('a', 'b')
    const handle = scene.pool.session('a')
    const bound = axios.create({ baseURL: scene.url })
    attach(bound, handle)
    const fetched = authFetch(handle, { origins: [scene.url] })
    const api = scene.api()
    for (let round = 1; round <= 4; round++) {
      scene.expire('a')
      const expected = `Bearer of a, number ${round}`
      expect(sentBy(await api.get('/', { renew: { account: 'a' } }))).toBe(expected)
      await letGo(scene.pool)
      expect(sentBy(await bound.get('/'))).toBe(expected)
      await letGo(scene.pool)
      expect(await (await fetched(scene.url)).text()).toBe(expected)
      await letGo(scene.pool)
      expect((await handle.getTokens()).accessToken).toBe(`of a, number ${round}`)
    }
    expect(scene.refreshed).toEqual(['a', 'a', 'a', 'a'])
  })
})

/** Takes the place of all idle sessions. */
async function letGo(pool: SessionPool): Promise<void> {
  await Promise.all([1, 2, 3].map((i) => rejection(pool.session(`nobody ${i}`).getTokens())))
}

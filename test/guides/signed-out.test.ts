import axios from 'axios'
import {
  createSession,
  createSessionPool,
  memoryStore,
  RefreshFailedError,
  type Session,
  type SessionEndedError,
  type TokenInput,
  type TokenSet,
} from 'axios-renew'
import { describe, expect, test } from 'vitest'
import { Gate } from '../migrating/support/gate.ts'
import { rejection } from '../support/session-kit.ts'
import { runBlock } from './run-block.ts'
import { type Scene, startOutage, startScene } from './scene.ts'

const GUIDE = 'troubleshooting.md'

/** A row of a database that two processes read and write. */
function row(pair: TokenInput): { load: () => TokenInput | null; save: (tokens: TokenSet | null) => void } {
  let stored: TokenInput | null = pair
  return {
    load: () => stored,
    save: (tokens) => {
      stored = tokens
    },
  }
}

describe('every request ends in ERR_SESSION_ENDED after a deploy', () => {
  test('when the pair of the environment is the only one that survives: the second start sends a spent token', async () => {
    const { auth, open } = await startScene()
    const tokens = auth.signIn()
    const first = open({ tokens })
    auth.expire()
    expect((await first.api.get('/')).status).toBe(200)
    const second = open({ tokens })
    expect(await rejection(second.api.get('/'))).toMatchObject({ code: 'ERR_SESSION_ENDED' })
    expect(auth.counters).toMatchObject({ tokenRequests: 2, reused: 1, grantsRevoked: 1 })
  })

  test('and not when it is a seed over a store', async () => {
    const { auth, url, oauth } = await startScene()
    const pair = auth.signIn()
    const file = memoryStore()
    const start = () =>
      runBlock<{ session: Session }>(GUIDE, 'Every request ends in ERR_SESSION_ENDED after a deploy', {
        given: { options: oauth(), store: file, pairOfTheEnvironment: pair },
      })
    for (const _ of [1, 2, 3]) {
      const { session } = await start()
      auth.expire()
      expect((await axios.get(url, { headers: { Authorization: `Bearer ${(await session.refresh()).accessToken}` } })).status).toBe(200)
    }
    expect(auth.counters).toMatchObject({ tokenRequests: 3, reused: 0, grantsRevoked: 0 })
  })

  test('and when the store remembers the end, a new pair in the environment is not looked at, but signIn is', async () => {
    const { auth, open } = await startScene()
    const store = memoryStore()
    const spent = auth.signIn()
    auth.revoke()
    expect(await rejection(open({ store, tokens: spent }).session.refresh())).toMatchObject({ code: 'ERR_SESSION_ENDED' })
    const fresh = auth.signIn()
    const { session, api } = open({ store, tokens: fresh })
    expect(await rejection(api.get('/'))).toMatchObject({ code: 'ERR_SESSION_ENDED' })
    await session.signIn(fresh)
    expect((await api.get('/')).status).toBe(200)
    expect(auth.counters.tokenRequests).toBe(1)
  })
})

describe('users are signed out when the laptop wakes', () => {
  /** Token requests whose answers a gate holds back, and the refresh tokens that were sent. */
  function gated({ refresh }: ReturnType<Scene['oauth']>) {
    const gate = new Gate()
    const sent: unknown[] = []
    const refreshLate: typeof refresh = async (tokens, context) => {
      sent.push(tokens.refreshToken)
      const [answer] = await Promise.allSettled([refresh(tokens, context)])
      await gate.pass()
      if (answer.status === 'rejected') throw answer.reason
      return answer.value
    }
    return { gate, sent, refresh: refreshLate }
  }

  test('when tabs share a pair without a lock: both send it, and the grant is revoked', async () => {
    const { auth, open, oauth } = await startScene()
    const { gate, sent, refresh } = gated(oauth())
    // Were its age unknown, it would be due at the first request.
    const shared = { ...row({ ...auth.signIn(), issuedAt: Date.now() }), refresh }
    const tabs = [open(shared), open(shared)]
    for (const { api } of tabs) await api.get('/')
    expect(sent).toEqual([])
    auth.expire()
    gate.gather(2)
    for (const outcome of await Promise.allSettled(tabs.map(({ api }) => api.get('/')))) expect(outcome.status).toBe('rejected')
    expect(sent[1]).toBe(sent[0])
    expect(auth.counters).toMatchObject({ tokenRequests: 2, reused: 1, grantsRevoked: 1 })
  })

  test('and not over a store', async () => {
    const { auth, answers, open, oauth } = await startScene()
    const { gate, refresh } = gated(oauth())
    const store = memoryStore()
    const tabs = [open({ store, refresh }), open({ store, refresh })]
    await tabs[0]?.session.signIn(auth.signIn())
    for (const { api } of tabs) await api.get('/')
    auth.expire()
    const arrived = gate.hold()
    const woken = Promise.all(tabs.map(({ api }) => api.get('/')))
    await arrived
    await expect.poll(() => answers.filter((status) => status === 401)).toHaveLength(2)
    gate.open()
    for (const { status } of await woken) expect(status).toBe(200)
    expect(auth.counters).toMatchObject({ tokenRequests: 1, reused: 0 })
  })
})

test('invalid_grant once a day: a script that refreshes on its own has spent the token of the app; with a session over the same store it has not', async () => {
  const { auth, oauth, open } = await startScene()
  const store = memoryStore()
  const app = open({ store })
  await app.session.signIn(auth.signIn())
  // The script reads the pair out of the storage, and makes a token request by hand.
  const { refreshToken = '' } = (await store.read('default'))?.record.tokens ?? {}
  const form = { grant_type: 'refresh_token', refresh_token: refreshToken, client_id: 'client', client_secret: 'secret' }
  expect((await fetch(auth.tokenEndpoint, { method: 'POST', body: new URLSearchParams(form) })).status).toBe(200)
  auth.expire()
  const error = (await rejection(app.api.get('/'))) as unknown as SessionEndedError
  expect(error).toMatchObject({ code: 'ERR_SESSION_ENDED', message: expect.stringContaining('invalid_grant') })
  expect(auth.counters).toMatchObject({ reused: 1 })

  await app.session.signIn(auth.signIn())
  const script = createSession({ ...oauth(), store })
  await script.refresh()
  auth.expire()
  expect((await app.api.get('/')).status).toBe(200)
  expect(auth.counters).toMatchObject({ reused: 1 })
})

test('it works for an hour: no refresh token was given, and no token request is made', async () => {
  const { auth, open } = await startScene()
  const { refresh_token, ...withoutOne } = auth.signIn()
  expect(refresh_token).toBeDefined()
  const { session, api } = open()
  await session.signIn(withoutOne)
  expect((await api.get('/')).status).toBe(200)
  auth.expire()
  expect(await rejection(api.get('/'))).toMatchObject({
    code: 'ERR_SESSION_ENDED',
    message: expect.stringContaining('There is no refresh token'),
  })
  expect(auth.counters.tokenRequests).toBe(0)
})

test('users are signed out in every outage: a failed refresh has no response, keeps the session, and is over with the outage', async () => {
  const { auth, clock, session, api } = await startOutage()
  const error = await rejection(api.get('/'))
  expect(error).toBeInstanceOf(RefreshFailedError)
  expect([error.code, error.response, Object(error.rejection).status]).toEqual(['ERR_REFRESH_FAILED', undefined, 401])

  const went: string[] = []
  const { handle } = await runBlock<{ handle(error: unknown): void }>(GUIDE, 'Users are signed out in every outage', {
    given: { goToSignIn: () => went.push('sign-in'), sayTryLater: () => went.push('later') },
  })
  handle(error)
  expect(went).toEqual(['later'])
  expect(session.status).toBe('active')

  auth.recover()
  await clock.advance(2000)
  expect((await api.get('/')).status).toBe(200)
  auth.revoke()
  handle(await rejection(api.get('/')))
  expect(went).toEqual(['later', 'sign-in'])
})

test('the sign-in page loads again and again: ten requests fail, the event comes once a page, and on the sign-in page it leads nowhere', async () => {
  const { auth, open } = await startScene()
  const store = memoryStore()
  const location = { pathname: '/orders', assign: (page: string) => visited.push(page) }
  const visited: string[] = []
  /** How often a page hears of the end, and what its requests end in. */
  const load = async (pathname: string) => {
    location.pathname = pathname
    const { session, api } = open({ store })
    let told = 0
    session.on('ended', () => told++)
    await runBlock(GUIDE, 'The sign-in page loads again and again', { given: { session, location } })
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => api.get('/')))
    return { told, codes: outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason.code) }
  }
  await open({ store }).session.signIn(auth.signIn())
  auth.revoke()
  const ended = { told: 1, codes: Array(10).fill('ERR_SESSION_ENDED') }
  expect(await load('/orders')).toEqual(ended)
  expect(visited).toEqual(['/login'])
  // The store remembers the end, and every page that is loaded hears of it.
  expect(await load('/login')).toEqual(ended)
  expect(visited).toEqual(['/login'])
  expect(await load('/orders')).toEqual(ended)
  expect(visited).toEqual(['/login', '/login'])
  expect(auth.counters.tokenRequests).toBe(1)
})

describe('Mercado Pago says invalid_grant after the seller has authorised again', () => {
  test('when the new pair is not given to signIn: the old one is sent', async () => {
    const { auth, oauth } = await startScene()
    const pool = createSessionPool({ ...oauth(), store: memoryStore() })
    await pool.session(4711).signIn(auth.signIn('seller'))
    auth.revoke() // what authorising again does to the old grant
    auth.signIn('seller') // the answer to the code, put where nobody looks
    expect(await rejection(pool.session(4711).refresh())).toMatchObject({ code: 'ERR_SESSION_ENDED' })
  })

  test('and not when it is: another process that had ended goes on with it', async () => {
    const { auth, oauth } = await startScene()
    const store = memoryStore()
    const site = createSessionPool({ ...oauth(), store })
    const worker = createSessionPool({ ...oauth(), store })
    await site.session(4711).signIn(auth.signIn('seller'))
    await worker.session(4711).getTokens()
    auth.revoke()
    expect(await rejection(worker.session(4711).refresh())).toMatchObject({ code: 'ERR_SESSION_ENDED' })
    const answer = auth.signIn('seller')
    await runBlock(GUIDE, 'Mercado Pago says invalid_grant after the seller has authorised again', {
      given: { pool: site, answer: { ...answer, user_id: 4711 } },
    })
    await expect.poll(() => worker.session(4711).status).toBe('active')
    expect(auth.accepts((await worker.session(4711).getTokens()).accessToken)).toBe(true)
  })
})

describe('the other tab still shows the old user', () => {
  test('with load and save: it hears of nothing', async () => {
    const { auth, open } = await startScene()
    const shared = row(auth.signIn('maria'))
    const [here, there] = [open(shared), open(shared)]
    const before = await there.session.getTokens()
    await here.session.signIn(auth.signIn('jose'))
    expect(await there.session.getTokens()).toBe(before)
  })

  test('and not over a store, which tells it', async () => {
    const { auth, open } = await startScene()
    const store = memoryStore()
    const [here, there] = [open({ store }), open({ store })]
    await here.session.signIn(auth.signIn('maria'))
    const before = await there.session.getTokens()
    let reloaded = 0
    await runBlock(GUIDE, 'The other tab still shows the old user', {
      given: { session: there.session, location: { reload: () => reloaded++ } },
    })
    await here.session.signIn(auth.signIn('jose'))
    await expect.poll(() => reloaded).toBe(1)
    expect((await there.session.getTokens()).accessToken).not.toBe(before.accessToken)
  })
})

import { createReadStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import axios from 'axios'
import { attach, createSession, createSessionPool, memoryStore, type SessionOptions } from 'axios-renew'
import { describe, expect, onTestFinished, test } from 'vitest'
import { rejection } from '../support/session-kit.ts'
import { runBlock } from './run-block.ts'
import { serve, startScene } from './scene.ts'

const GUIDE = 'troubleshooting.md'

describe('the request is sent without a token', () => {
  test('to another origin, or with credentials of its own: the event says which', async () => {
    const { auth, url, open } = await startScene()
    const { session, api } = open()
    await session.signIn(auth.signIn())
    const elsewhere: (string | undefined)[] = []
    const other = await serve((request, response) => {
      elsewhere.push(request.headers.authorization)
      response.end()
    })
    const said: string[] = []
    await runBlock(GUIDE, 'The request is sent without a token', {
      given: { session, console: { warn: (...words: unknown[]) => said.push(words.join(' ')) }, api: axios.create(), attach: () => {} },
    })
    await api.get(other)
    expect(await rejection(api.get(url, { headers: { Authorization: 'Basic eDp5' } }))).toMatchObject({ status: 401 })
    expect(said).toEqual(['sent without a token: origin', 'sent without a token: own-credentials'])
    expect(elsewhere).toEqual([undefined])
    expect(auth.counters.tokenRequests).toBe(0)
  })

  test('and with it when the origin is listed', async () => {
    const { auth, oauth } = await startScene()
    const seen: boolean[] = []
    const files = await serve((request, response) => {
      seen.push(auth.accepts(request.headers.authorization ?? null))
      response.end()
    })
    const api = axios.create({ baseURL: 'https://api.example.com' })
    const session = createSession(oauth())
    await session.signIn(auth.signIn())
    await runBlock(GUIDE, 'The request is sent without a token', {
      nth: 1,
      given: { api, session },
      addresses: { 'https://files.example.com': files },
    })
    await api.get(`${files}/1`)
    expect(seen).toEqual([true])
  })
})

test('it is unknown which origin may receive the token: neither a baseURL nor origins', async () => {
  const { auth, url, oauth } = await startScene()
  const session = createSession(oauth())
  await session.signIn(auth.signIn())
  const api = axios.create()
  const detach = attach(api, session)
  const error = await rejection(api.get(url))
  expect(error).toBeInstanceOf(TypeError)
  expect(error.message).toContain('it is unknown which origin may receive the token')
  detach()
  attach(api, session, { origins: [url] })
  expect((await api.get(url)).status).toBe(200)
})

test('ERR_SIGNED_OUT although the seller is signed in: under another name', async () => {
  const { auth, url, oauth } = await startScene()
  const pool = createSessionPool({ ...oauth(), store: memoryStore() })
  await pool.session(4711).signIn(auth.signIn())
  const api = axios.create({ baseURL: url })
  attach(api, pool)
  expect(await rejection(api.get('/', { renew: { account: 'seller-4711' } }))).toMatchObject({ code: 'ERR_SIGNED_OUT' })
  expect((await api.get('/', { renew: { account: '4711' } })).status).toBe(200)
  expect(await rejection(api.get('/'))).toBeInstanceOf(TypeError)
})

describe('401 although the token is fresh', () => {
  test('from an endpoint that wants something else: a few refreshes, then none; a rule spares them', async () => {
    const { auth, oauth } = await startScene()
    const refusing = await serve((_request, response) => {
      response.writeHead(401, { 'content-type': 'application/json' }).end('{"code":"WRONG_AUDIENCE"}')
    })
    const start = async (options: Partial<SessionOptions> = {}) => {
      const session = createSession({ ...oauth(), ...options })
      const api = axios.create({ baseURL: refusing })
      attach(api, session)
      await session.signIn(auth.signIn())
      const heard: string[] = []
      session.on('refreshed', () => heard.push('refreshed'))
      session.on('replayed', () => heard.push('replayed'))
      return { api, heard }
    }
    const { api, heard } = await start()
    expect(await rejection(api.get('/'))).toMatchObject({ status: 401 })
    expect(heard).toEqual(['refreshed', 'replayed'])
    for (let i = 0; i < 19; i++) await rejection(api.get('/'))
    expect(auth.counters.tokenRequests).toBe(6)

    const { shouldRefresh } = await runBlock<Pick<SessionOptions, 'shouldRefresh'>>(GUIDE, '401 although the token is fresh')
    const spared = await start({ shouldRefresh })
    expect(await rejection(spared.api.get('/'))).toMatchObject({ status: 401 })
    expect(spared.heard).toEqual([])
    expect(auth.counters.tokenRequests).toBe(6)
  })
})

test('the token has expired, and nothing is refreshed: the API says it by 200 or 419, and a rule tells', async () => {
  const { auth, open } = await startScene({}, (request, response) => {
    if (request.url === '/419') response.writeHead(419).end()
    else response.writeHead(200, { 'content-type': 'application/json' }).end('{"code":"TOKEN_EXPIRED"}')
  })
  const before = open()
  await before.session.signIn(auth.signIn())
  auth.expire()
  expect((await before.api.get('/')).data).toEqual({ code: 'TOKEN_EXPIRED' })
  expect(await rejection(before.api.get('/419'))).toMatchObject({ status: 419 })
  expect(auth.counters.tokenRequests).toBe(0)

  const { shouldRefresh } = await runBlock<Pick<SessionOptions, 'shouldRefresh'>>(GUIDE, 'The token has expired, and nothing is refreshed')
  const after = open({ shouldRefresh })
  for (const path of ['/', '/419']) {
    await after.session.signIn(auth.signIn())
    auth.expire()
    expect((await after.api.get(path)).data).toEqual({ ok: true })
  }
  expect(auth.counters.tokenRequests).toBe(2)
})

test('the token is missing after a redirect to another origin, and is there when that is listed', async () => {
  const { auth, oauth } = await startScene()
  const arrived: boolean[] = []
  const there = await serve((request, response) => {
    arrived.push(auth.accepts(request.headers.authorization ?? null))
    response.end()
  })
  const here = await serve((_request, response) => response.writeHead(302, { location: `${there}/moved` }).end())
  const session = createSession(oauth())
  await session.signIn(auth.signIn())
  const api = axios.create({ baseURL: here })
  const detach = attach(api, session)
  const response = await api.get('/')
  expect(response.request.res.responseUrl).toBe(`${there}/moved`)
  detach()
  attach(api, session, { origins: [here, there] })
  await api.get('/')
  expect(arrived).toEqual([false, true])
})

describe('an upload that was refused', () => {
  const bodies: string[] = []
  /** An API that keeps what arrives, good token or not. */
  async function startUploads() {
    const { auth, oauth } = await startScene()
    bodies.length = 0
    const url = await serve(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      bodies.push(body)
      response.writeHead(auth.accepts(request.headers.authorization ?? null) ? 200 : 401).end()
    })
    const session = createSession(oauth())
    const api = axios.create({ baseURL: url })
    attach(api, session)
    await session.signIn(auth.signIn())
    auth.expire()
    const folder = await mkdtemp(join(tmpdir(), 'axios-renew-guides-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const path = join(folder, 'file')
    await writeFile(path, 'a file')
    return { auth, api, path }
  }

  test('is an error and not an empty file, and its second try works', async () => {
    const { api, path } = await startUploads()
    expect(await rejection(api.put('/', createReadStream(path)))).toMatchObject({
      code: 'ERR_BODY_NOT_REPLAYABLE',
      response: { status: 401 },
    })
    expect((await api.put('/', createReadStream(path))).status).toBe(200)
    expect(bodies).toEqual(['a file', 'a file'])
  })

  test('is sent anew with replayBody', async () => {
    const { api, path, auth } = await startUploads()
    await runBlock(GUIDE, 'An upload arrives empty, or ends in ERR_BODY_NOT_REPLAYABLE', { given: { api, path } })
    expect(bodies).toEqual(['a file', 'a file'])
    expect(auth.counters.tokenRequests).toBe(1)
  })
})

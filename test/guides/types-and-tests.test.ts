import { resolve } from 'node:path'
import axios from 'axios'
import otherCopy from 'axios-oldest'
import { AuthError, attach, createSession, oauth2, SessionEndedError } from 'axios-renew'
import { fakeAuthServer } from 'axios-renew/testing'
import { HttpResponse, http } from 'msw'
import { setupServer } from 'msw/node'
import ts from 'typescript'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { rejection } from '../support/session-kit.ts'
import { runBlock } from './run-block.ts'
import { startOutage, startScene } from './scene.ts'

const GUIDE = 'troubleshooting.md'

/** What the compiler says of a file of this folder. */
function typeErrors(code: string): string[] {
  const { config } = ts.readConfigFile('tsconfig.json', ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, '.')
  const file = resolve('test/guides/two-copies.ts')
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile, getSourceFile } = host
  host.fileExists = (path) => path === file || fileExists(path)
  host.readFile = (path) => (path === file ? code : readFile(path))
  host.getSourceFile = (path, ...rest) =>
    path === file ? ts.createSourceFile(path, code, ts.ScriptTarget.ES2022) : getSourceFile(path, ...rest)
  const program = ts.createProgram([file], { ...options, noEmit: true }, host)
  return program
    .getSemanticDiagnostics(program.getSourceFile(file))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
}

describe("Type 'AxiosInstance' is not assignable", () => {
  const attaching = (copy: string) => `
    import axios from '${copy}'
    import { attach, createSession } from 'axios-renew'
    attach(axios.create(), createSession({ refresh: () => null }))`

  test('when there are two copies of axios, and not with one', () => {
    const [error = '', ...more] = typeErrors(attaching('axios-oldest'))
    expect(error).toMatch(/Argument of type 'import\(".*axios-oldest\/.*"\)\.AxiosInstance' is not assignable to parameter of type/)
    expect(more).toEqual([])
    expect(typeErrors(attaching('axios'))).toEqual([])
  }, 60_000)

  test('is about types only: a session works on an instance of another copy', async () => {
    const { auth, url, oauth } = await startScene()
    const session = createSession(oauth())
    await session.signIn(auth.signIn())
    const api = otherCopy.create({ baseURL: url })
    attach(api as never, session)
    auth.expire()
    expect((await api.get('/')).status).toBe(200)
    expect(otherCopy.VERSION).not.toBe(axios.VERSION)
  })
})

describe('instanceof is false', () => {
  test('after a clone, which leaves the class and the code behind; a code that was sent along is still there', async () => {
    const error = new SessionEndedError()
    const cloned = structuredClone(error)
    expect([cloned instanceof AuthError, 'code' in cloned]).toEqual([false, false])
    const { describeError } = await runBlock<{ describeError(error: unknown): object }>(GUIDE, 'instanceof is false')
    expect(structuredClone(describeError(error))).toEqual({ code: 'ERR_SESSION_ENDED', message: error.message })
  })

  test('for an error that wraps ours: the cause is ours', async () => {
    const wrapped = new Error('[GET] "/orders": <no response>', { cause: new SessionEndedError() })
    expect([wrapped instanceof SessionEndedError, wrapped.cause instanceof SessionEndedError]).toEqual([false, true])
    const { describeError } = await runBlock<{ describeError(error: unknown): object }>(GUIDE, 'instanceof is false')
    expect(describeError(wrapped)).toMatchObject({ code: 'ERR_SESSION_ENDED' })
  })

  test('but not for another copy of this package', async () => {
    vi.resetModules()
    const other: typeof import('axios-renew') = await import('axios-renew')
    expect(other.SessionEndedError).not.toBe(SessionEndedError)
    expect(new other.SessionEndedError()).toBeInstanceOf(SessionEndedError)
  })
})

describe('tests hang with fake timers', () => {
  /** A session whose token endpoint refuses connections: it is asked again, after pauses. */
  const refused = () =>
    createSession({
      ...oauth2({ tokenEndpoint: 'http://127.0.0.1:1/token' }),
      tokens: { accessToken: 'of yesterday', refreshToken: 'another' },
    })

  test('when something waits for a timer, and not when it is simply answered', async () => {
    const { auth, open } = await startScene()
    const { session, api } = open()
    await session.signIn(auth.signIn())
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    auth.expire()
    expect((await api.get('/')).status).toBe(200)

    let settled = false
    const refreshing = rejection(refused().refresh()).finally(() => {
      settled = true
    })
    const before = vi.getTimerCount()
    await expect.poll(() => vi.getTimerCount()).toBeGreaterThan(before)
    expect(settled).toBe(false)
    while (!settled) await vi.advanceTimersByTimeAsync(1000)
    expect(await refreshing).toMatchObject({ code: 'ERR_REFRESH_FAILED' })
  })

  test('and not when only the date is faked', async () => {
    const { auth, open } = await startScene()
    const { session, api } = open()
    await session.signIn(auth.signIn())
    onTestFinished(() => void vi.useRealTimers())
    await runBlock(GUIDE, 'Tests hang with fake timers')
    expect((await api.get('/')).status).toBe(200)
    expect(auth.counters.tokenRequests).toBe(1)
    expect(await rejection(refused().refresh())).toMatchObject({ code: 'ERR_REFRESH_FAILED' })
  })
})

test('in a test the error of an outage stays: the session rests, and a fake clock wakes it', async () => {
  const { auth, clock, api } = await startOutage()
  expect(await rejection(api.get('/'))).toMatchObject({ code: 'ERR_REFRESH_FAILED' })
  auth.recover()
  expect(await rejection(api.get('/'))).toMatchObject({ code: 'ERR_REFRESH_FAILED' })
  expect(auth.counters.tokenRequests).toBe(1)
  await runBlock(GUIDE, 'In a test the error of an outage stays', { given: { clock, api, expect } })
  expect(auth.counters.tokenRequests).toBe(2)
})

test('with msw a token request that has no handler is an uncertain one, and the handlers of the fake server answer it', async () => {
  const auth = fakeAuthServer()
  const orders = http.get('https://api.example.com/orders', ({ request }) => auth.challenge(request) ?? HttpResponse.json([]))
  const msw = setupServer(orders)
  // As 'error' does; that also prints the request with its body, the refresh token among it.
  msw.listen({
    onUnhandledRequest: () => {
      throw new Error('onUnhandledRequest')
    },
  })
  onTestFinished(() => msw.close())
  const start = async () => {
    const { tokenEndpoint, clientId, clientSecret } = auth
    const session = createSession(oauth2({ tokenEndpoint, clientId, clientSecret: clientSecret ?? undefined }))
    const api = axios.create({ baseURL: 'https://api.example.com' })
    attach(api, session)
    await session.signIn(auth.signIn())
    auth.expire()
    return api
  }
  const error = await rejection((await start()).get('/orders'))
  expect(error).toMatchObject({ code: 'ERR_REFRESH_UNCERTAIN', cause: { message: expect.stringContaining('onUnhandledRequest') } })
  msw.use(...auth.handlers(http))
  expect((await (await start()).get('/orders')).status).toBe(200)
  expect(auth.counters.tokenRequests).toBe(1)
})

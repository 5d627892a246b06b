import { Readable } from 'node:stream'
import axios from 'axios'
import { type AttachOptions, AuthError, attach, createSession, type Session, type SessionOptions } from 'axios-renew'
import { authFetch } from 'axios-renew/fetch'
import { describe, expect, test } from 'vitest'
import { serveApi } from '../support/attached.ts'
import { rejection } from '../support/session-kit.ts'
import { TokenServer } from '../support/token-server.ts'

/** What may call back while a request is under way. */
type Callback = 'authorize' | 'shouldRefresh' | 'replayBody' | 'refresh' | 'load' | 'save'

/** What such a callback may use. */
interface Tools {
  session: Session
  /** Sends with the attached client; `skip`: without the session. */
  send: (skip?: boolean) => Promise<unknown>
}

interface Client {
  name: string
  callbacks: readonly Callback[]
  create(
    session: Session,
    url: string,
    calls: (callback: Callback) => Promise<void>,
  ): { request: () => Promise<unknown> } & Pick<Tools, 'send'>
}

/** The callbacks that every client has. */
function callbacksThat(calls: (callback: Callback) => Promise<void>): Pick<AttachOptions, 'authorize' | 'shouldRefresh'> {
  return {
    authorize: async ({ headers }, { accessToken }) => {
      await calls('authorize')
      headers.set('Authorization', `Bearer ${accessToken}`)
    },
    shouldRefresh: async ({ status }) => {
      await calls('shouldRefresh')
      return status === 401
    },
  }
}

const shared: readonly Callback[] = ['authorize', 'shouldRefresh', 'refresh', 'load', 'save']

const CLIENTS: Client[] = [
  {
    name: 'axios',
    callbacks: [...shared, 'replayBody'],
    create(session, baseURL, calls) {
      const api = axios.create({ baseURL })
      attach(api, session, callbacksThat(calls))
      const replayBody = () => calls('replayBody').then(() => Readable.from(['again']))
      return {
        request: () => api.put('/', Readable.from(['once']), { renew: { replayBody } }),
        send: (skip) => api.get('/inside', { renew: { skip }, validateStatus: null }),
      }
    },
  },
  {
    name: 'fetch',
    callbacks: shared,
    create(session, url, calls) {
      const api = authFetch(session, { origins: [url], ...callbacksThat(calls) })
      return { request: () => api(url), send: (skip) => (skip ? fetch : api)(`${url}/inside`) }
    },
  },
]

/** Sends a request that is refused and replayed; the first call of one of the callbacks works with the tools. */
async function play(client: Client, callback: Callback, work: (tools: Tools) => unknown) {
  const { url, seen } = await serveApi()
  const server = new TokenServer()
  let worked = false
  const calls = async (name: Callback) => {
    if (name !== callback || worked) return
    worked = true
    // Also after an await it is known who calls.
    await new Promise((resolve) => setImmediate(resolve))
    await work({ session, send })
  }
  const options: SessionOptions = {
    load: async () => calls('load').then(() => server.firstPair),
    save: () => calls('save'),
    refresh: async (...given) => calls('refresh').then(() => server.refresh(...given)),
    onSaveFailure: 'reject',
  }
  const session: Session = createSession(options)
  const { request, send } = client.create(session, url, calls)
  const outcome = request()
  return { outcome, seen, server, session, worked: () => worked }
}

const rows = CLIENTS.flatMap((client) => client.callbacks.map((callback) => ({ name: client.name, callback, client })))

/** The error itself, or what the error about the callback has for a cause. */
function innermost(error: Error): unknown {
  return error.cause instanceof AuthError ? innermost(error.cause) : error
}

describe.each(rows)('with $name, in $callback', ({ client, callback }) => {
  test.each<[string, (tools: Tools) => unknown]>([
    ['the attached client', ({ send }) => send()],
    ['getTokens', ({ session }) => session.getTokens()],
    ['refresh', ({ session }) => session.refresh()],
  ])('%s fails at once', async (_what, work) => {
    let inside: unknown
    const { outcome, seen, session } = await play(client, callback, async (tools) => {
      try {
        await work(tools)
      } catch (error) {
        inside = error
        throw error
      }
    })
    const error = await rejection(outcome)
    expect(innermost(error)).toMatchObject({ code: 'ERR_REENTRANT_REFRESH' })
    expect(inside).toMatchObject({ code: 'ERR_REENTRANT_REFRESH' })
    // At most the refused request went out, and nothing from the inside.
    expect(seen.length).toBeLessThanOrEqual(1)
    // A save that failed would be tried again.
    await session.signOut().catch(() => {})
  })

  test('a client without the session works', async () => {
    const { outcome, seen, server, worked } = await play(client, callback, ({ send }) => send(true))
    expect(await outcome).toMatchObject({ status: 200 })
    expect(worked()).toBe(true)
    expect(seen.filter((authorization) => authorization === undefined)).toHaveLength(1)
    expect(server.requests).toBe(1)
  })
})

import type { IncomingMessage } from 'node:http'
import { createTRPCClient, httpBatchLink, httpBatchStreamLink, httpLink, loggerLink, retryLink, TRPCClientError } from '@trpc/client'
import { initTRPC, TRPCError } from '@trpc/server'
import { createHTTPHandler } from '@trpc/server/adapters/standalone'
import { RefreshFailedError, SessionEndedError } from 'axios-renew'
import { authFetch } from 'axios-renew/fetch'
import { describe, expect, test } from 'vitest'
import { serve } from '../../../support/attached.ts'
import { rejection } from '../../../support/session-kit.ts'
import { ONE_REFRESH, type Scene, type SceneOptions, setScene, times } from './support/scene.ts'

interface Payment {
  title: string
  amount: number
}

const t = initTRPC.create()
const input = (value: unknown) => value as Payment
const router = t.router({
  payment: t.procedure.input((value) => value as number).query(({ input: id }) => ({ id })),
  pay: t.procedure.input(input).mutation(({ input: payment }) => payment),
  refuse: t.procedure.mutation(() => {
    throw new TRPCError({ code: 'UNPROCESSABLE_CONTENT', message: 'too little' })
  }),
  slow: t.procedure.query(async function* () {
    yield 'one'
    yield 'two'
  }),
})
type Router = typeof router

/** A tRPC server behind the API's guard, which has read the body already. */
function setTrpcScene(options?: SceneOptions): Promise<Scene> {
  const handler = createHTTPHandler({ router })
  return setScene((request, response, body) => handler(Object.assign(request, { body: body || undefined }), response), options)
}

const connect = ({ url, fetch }: Scene) => createTRPCClient<Router>({ links: [httpBatchLink({ url, fetch })] })
const payment = { title: 'Grüße', amount: 10 }

test('60 batches at once with an expired token are one token request', async () => {
  const scene = await setTrpcScene()
  const clients = times(60, () => connect(scene))
  const answers = await Promise.all(clients.flatMap((client, i) => [client.payment.query(i), client.payment.query(i + 60)]))
  expect(answers.map(({ id }) => id).sort((a, b) => a - b)).toEqual(times(120, (i) => i))
  expect(scene.count(200)).toBe(60)
  expect(scene.auth.counters).toEqual(ONE_REFRESH)
})

describe('a batch', () => {
  test('of queries is one HTTP request, replayed once', async () => {
    const scene = await setTrpcScene()
    const client = connect(scene)
    expect(await Promise.all(times(5, (id) => client.payment.query(id)))).toEqual(times(5, (id) => ({ id })))
    const path = `/${times(5, () => 'payment').join()}?batch=1`
    expect(scene.seen.map(({ status, url }) => [status, url.split('&')[0]])).toEqual([401, 200].map((status) => [status, path]))
    expect(scene.seen[1]?.url).toBe(scene.seen[0]?.url)
  })

  test('of mutations is sent again as it was', async () => {
    const scene = await setTrpcScene()
    const client = connect(scene)
    expect(await Promise.all([client.pay.mutate(payment), client.pay.mutate({ ...payment, amount: 11 })])).toMatchObject([
      { amount: 10 },
      { amount: 11 },
    ])
    const [first, second] = scene.seen
    expect(scene.seen.map(({ status }) => status)).toEqual([401, 200])
    expect(second?.body).toBe(JSON.stringify({ 0: payment, 1: { ...payment, amount: 11 } }))
    expect(second?.body).toBe(first?.body)
    for (const name of ['content-type', 'content-length']) expect(second?.headers[name]).toBe(first?.headers[name])
  })

  test('fails as a whole when the session ends, and each call says why', async () => {
    const scene = await setTrpcScene({ start: 'revoked' })
    const client = connect(scene)
    for (const error of await Promise.all(times(3, (id) => rejection(client.payment.query(id))))) {
      expect(error).toBeInstanceOf(TRPCClientError)
      expect(error.cause).toBeInstanceOf(SessionEndedError)
    }
    expect(scene.seen).toHaveLength(1)
    expect((await rejection(client.pay.mutate(payment))).cause).toBeInstanceOf(SessionEndedError)
    expect(scene.tokenEndpoint.requests).toBe(1)
  })
})

describe('procedures that judge the token themselves', () => {
  const guarded = initTRPC.context<{ good: boolean }>().create()
  const wanted = guarded.procedure.use(({ ctx, next }) => {
    if (!ctx.good) throw new TRPCError({ code: 'UNAUTHORIZED' })
    return next()
  })
  const own = guarded.router({ me: wanted.query(() => 'Ada'), news: guarded.procedure.query(() => 'none') })

  async function setOwnScene({ strict = false } = {}) {
    const { auth, session } = await setScene()
    const statuses: number[] = []
    const createContext = async ({ req }: { req: IncomingMessage }) => {
      const good = await auth.accepts(req.headers.authorization?.slice(7) ?? '')
      if (strict && !good) throw new TRPCError({ code: 'UNAUTHORIZED' })
      return { good }
    }
    const handler = createHTTPHandler({ router: own, createContext })
    const url = await serve((request, response) => {
      response.on('finish', () => statuses.push(response.statusCode))
      handler(request, response)
    })
    const links = [httpBatchLink({ url, fetch: authFetch(session, { origins: [url] }) })]
    return { auth, statuses, client: createTRPCClient<typeof own>({ links }) }
  }

  test('make a 401 when all calls of a batch are UNAUTHORIZED', async () => {
    const { auth, statuses, client } = await setOwnScene()
    expect(await Promise.all([client.me.query(), client.me.query()])).toEqual(['Ada', 'Ada'])
    expect(statuses).toEqual([401, 200])
    expect(auth.counters).toEqual(ONE_REFRESH)
  })

  test('or when the context of any batch refuses a bad token', async () => {
    const { auth, statuses, client } = await setOwnScene({ strict: true })
    expect(await Promise.all([client.me.query(), client.news.query()])).toEqual(['Ada', 'none'])
    expect(statuses).toEqual([401, 200])
    expect(auth.counters).toEqual(ONE_REFRESH)
  })

  test('make a 207 when some are, which is handed out', async () => {
    const { auth, statuses, client } = await setOwnScene()
    const [refused, news] = await Promise.all([rejection(client.me.query()), client.news.query()])
    expect(refused).toMatchObject({ name: 'TRPCClientError', data: { code: 'UNAUTHORIZED' } })
    expect([news, statuses, auth.counters.tokenRequests]).toEqual(['none', [207], 0])
  })
})

describe('errors', () => {
  test('of a refresh are the cause of a TRPCClientError', async () => {
    const scene = await setTrpcScene()
    scene.tokenEndpoint.down = true
    const error = await rejection(connect(scene).pay.mutate(payment))
    expect(error).toBeInstanceOf(TRPCClientError)
    expect(error.cause).toBeInstanceOf(RefreshFailedError)
    expect(scene.seen).toHaveLength(1)
  })

  test('of the server have their code, as always, and show no token', async () => {
    const scene = await setTrpcScene()
    const error = await rejection(connect(scene).refuse.mutate())
    expect(error).toMatchObject({ name: 'TRPCClientError', data: { code: 'UNPROCESSABLE_CONTENT', httpStatus: 422 } })
    expect(await scene.showsToken(error)).toBe(false)
  })
})

describe('a signal', () => {
  test('ends the wait for tokens, and the refresh serves the next', async () => {
    const scene = await setTrpcScene()
    scene.tokenEndpoint.hold()
    const controller = new AbortController()
    const client = connect(scene)
    const left = rejection(client.pay.mutate(payment, { signal: controller.signal }))
    await scene.tokenEndpoint.requested
    controller.abort()
    const error = await left
    expect(error).toBeInstanceOf(TRPCClientError)
    expect(error.cause).toMatchObject({ name: 'AbortError' })
    scene.tokenEndpoint.release()
    await client.pay.mutate(payment)
    expect(scene.seen.map(({ status }) => status)).toEqual([401, 200])
    expect(scene.auth.counters).toEqual(ONE_REFRESH)
  })

  test('of one call does not take the rest of its batch along', async () => {
    const scene = await setTrpcScene()
    scene.tokenEndpoint.hold()
    const controller = new AbortController()
    const client = connect(scene)
    const leaves = client.payment.query(1, { signal: controller.signal }).catch((error) => error)
    const stays = client.payment.query(2)
    await scene.tokenEndpoint.requested
    controller.abort()
    scene.tokenEndpoint.release()
    await leaves
    expect(await stays).toEqual({ id: 2 })
    expect(scene.auth.counters).toEqual(ONE_REFRESH)
  })
})

describe('beside other links', () => {
  test('httpLink, and a logger that sees each call succeed once', async () => {
    const scene = await setTrpcScene()
    const heard: unknown[] = []
    const logger = loggerLink<Router>({ logger: ({ direction, path }) => void heard.push([direction, path]) })
    const client = createTRPCClient<Router>({ links: [logger, httpLink(scene)] })
    expect(await client.pay.mutate(payment)).toEqual(payment)
    expect(heard).toEqual([
      ['up', 'pay'],
      ['down', 'pay'],
    ])
    expect(scene.seen.map(({ status, body }) => [status, body])).toEqual([401, 200].map((status) => [status, JSON.stringify(payment)]))
  })

  test('httpBatchStreamLink: the stream of the second answer arrives', async () => {
    const scene = await setTrpcScene()
    const client = createTRPCClient<Router>({ links: [httpBatchStreamLink(scene)] })
    const [stream, one] = await Promise.all([client.slow.query(), client.payment.query(1)])
    const got: string[] = []
    for await (const chunk of stream) got.push(chunk)
    expect([got, one]).toEqual([['one', 'two'], { id: 1 }])
    expect(scene.seen.map(({ status }) => status)).toEqual([401, 200])
    expect(scene.auth.counters).toEqual(ONE_REFRESH)
  })

  test('a retryLink that asks for the cause does not repeat what the end of the session has stopped', async () => {
    const scene = await setTrpcScene({ start: 'revoked' })
    const retry = retryLink<Router>({ retry: ({ error, attempts }) => !(error.cause instanceof SessionEndedError) && attempts < 3 })
    const client = createTRPCClient<Router>({ links: [retry, httpBatchLink(scene)] })
    await rejection(client.payment.query(1))
    expect(scene.seen).toHaveLength(1)
    expect(scene.tokenEndpoint.requests).toBe(1)
  })
})

import { createServer, request } from 'node:http'
import { memoryStore, oauth2 } from 'axios-renew'
import type { Page } from 'playwright'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type CsrfSafeBackEndOptions, type ForgedRequest, OUR_HEADER, startCsrfSafeBackEnd } from '../../examples/csrf-safe/back-end.ts'
import { startAuthorizationServer } from '../../examples/servers/authorization-server.ts'
import { close, listen } from '../../examples/servers/listen.ts'
import { startPaymentsApi } from '../../examples/servers/payments-api.ts'
import { findProgram } from '../../scripts/requirements.mjs'
import { startBrowser } from '../tabs/support/browser.ts'
import { runScript } from './run-script.ts'

test('csrf-safe/run.ts runs, and shows what it claims', async () => {
  const { exitCode, stdout, stderr } = await runScript('examples/csrf-safe/run.ts')
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  expect(stdout.trim().split('\n')).toEqual([
    'signed in; the page holds __Host-session, and no token',
    'token expired: 20 of 20 requests went through, 1 token request',
    'another site, with the cookie: 403 403 403, requests passed on: 0',
    'signed out: 401, the grant is revoked',
  ])
})

/** A back end before an API below `/v1` that takes every token, and somebody who has signed in, without a browser. */
async function startBare(more: Partial<CsrfSafeBackEndOptions> = {}) {
  const arrived: string[] = []
  const api = createServer((request, response) => {
    arrived.push(`${request.headers.authorization} ${request.url}`)
    request.resume().on('end', () => response.end('{}'))
  })
  const apiUrl = `${await listen(api)}/v1`
  const pool = { refresh: () => null, store: memoryStore() }
  const backEnd = await startCsrfSafeBackEnd({ pool, apiUrl, ...more })
  onTestFinished(async () => {
    await Promise.all([backEnd.close(), close(api)])
  })
  const origin = `http://localhost:${backEnd.port}`
  let cookie = ''
  /** The path goes out as it is: `fetch` would take the dots away. */
  const ask = (path: string, { method = 'GET', body = '', from = origin } = {}) =>
    new Promise<number>((resolve, reject) => {
      const headers = { ...OUR_HEADER, Origin: from, Cookie: cookie }
      request({ port: backEnd.port, host: '127.0.0.1', path, method, headers }, (response) => {
        cookie = response.headers['set-cookie']?.[0]?.split(';', 1).join() ?? cookie
        response.resume().on('end', () => resolve(response.statusCode ?? 0))
      })
        .on('error', reject)
        .end(body)
    })
  const signIn = (from?: string) => ask('/sign-in', { method: 'POST', body: '{"access_token":"t"}', from })
  return { arrived, ask, signIn }
}

describe('the back end', () => {
  test.each([
    ['/api/orders/..', '/v1/'],
    ['/api/orders/%2e%2e/1?q=../%2f', '/v1/1?q=../%2f'],
    ['/api//evil.example/x', '/v1//evil.example/x'],
    ['/api/http://evil.example/x', '/v1/http://evil.example/x'],
    ['/api/@evil.example/x', '/v1/@evil.example/x'],
  ])('asks the API for what is below it: %s', async (path, asked) => {
    const { arrived, ask, signIn } = await startBare()
    await signIn()
    expect(await ask(path)).toBe(200)
    expect(arrived).toEqual([`Bearer t ${asked}`])
  })

  test.each([
    '/api/../admin',
    '/api/../v10/x',
    '/api/%2e%2e/admin',
    '/api/.%2E/admin',
    '/api/..\\admin',
    '/api/a/../../admin',
    '/api/..%2fadmin',
    '/api/..%5Cadmin',
  ])('asks nothing else of it with the token: %s', async (path) => {
    const { arrived, ask, signIn } = await startBare()
    await signIn()
    expect(await ask(path)).toBe(404)
    expect(arrived).toEqual([])
  })

  test('works behind a proxy that ends TLS, when it is told the origin', async () => {
    const page = 'https://app.example.com'
    const untold = await startBare()
    expect(await untold.signIn(page)).toBe(403)
    const told = await startBare({ origin: `${page}/` })
    expect([await told.signIn(page), await told.signIn(), await told.signIn('https://app.example.com.evil.example')]).toEqual([
      204, 403, 403,
    ])
    expect(await told.ask('/api/x', { method: 'POST', from: page })).toBe(200)
  })

  test.each(['', 'no JSON', 'null', '[]', '{}', '{"access_token":1}'])('takes no sign-in that is none: %j is 400', async (body) => {
    const { ask } = await startBare()
    expect(await ask('/sign-in', { method: 'POST', body })).toBe(400)
    expect(await ask('/api/x')).toBe(401)
  })

  test('reads no more than 64 KiB of a body, and goes on', async () => {
    const { arrived, ask, signIn } = await startBare()
    await signIn()
    expect(await ask('/api/x', { method: 'POST', body: 'x'.repeat(64 * 1024 + 1) })).toBe(413)
    expect(await ask('/api/x', { method: 'POST', body: 'x'.repeat(5_000_000) })).toBe(413)
    expect(arrived).toEqual([])
    expect(await ask('/api/x', { method: 'POST', body: 'x'.repeat(64 * 1024) })).toBe(200)
  })
})

/** A signed-in user of `http://shop.localhost`, who then visits a page of somebody else, on the same browser. */
async function startVisit() {
  const auth = await startAuthorizationServer()
  const payments = await startPaymentsApi({ accepts: auth.accepts })
  const { tokenEndpoint, clientId, clientSecret } = auth
  const forged: ForgedRequest[] = []
  const backEnd = await startCsrfSafeBackEnd({
    pool: { ...oauth2({ tokenEndpoint, clientId, clientSecret }), store: memoryStore() },
    apiUrl: payments.url,
    host: 'shop.localhost',
    onForged: (request) => forged.push(request),
    page: '<title>shop</title><link rel="icon" href="data:,">',
  })
  const elsewhere = createServer((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<title>elsewhere</title>'))
  const { port } = new URL(await listen(elsewhere))
  onTestFinished(async () => {
    await Promise.all([backEnd.close(), payments.close(), auth.close(), close(elsewhere)])
  })
  const { context } = await startBrowser()
  const open = async (url: string): Promise<Page> => {
    const page = await context.newPage()
    await page.goto(url)
    return page
  }
  const shopUrl = `http://shop.localhost:${backEnd.port}`
  const shop = await open(shopUrl)
  const ask = (path: string, method = 'GET', body?: string) =>
    shop.evaluate(async ([path, method, body, headers]) => (await fetch(path, { method, headers, ...(body && { body }) })).status, [
      path,
      method,
      body,
      OUR_HEADER,
    ] as const)
  expect(await ask('/sign-in', 'POST', JSON.stringify(await auth.authorize('maria')))).toBe(204)
  return { forged, payments, shop, shopUrl, ask, visit: (host: string) => open(`http://${host}:${port}`) }
}

/** Posts as a form does: no script of the page could see the answer. */
const postForm = (page: Page, url: string) =>
  page.evaluate(async (url) => {
    await fetch(url, { method: 'POST', mode: 'no-cors', credentials: 'include', body: 'amount=1000' })
  }, url)

/** Asks with the header: the browser asks for permission first. */
const askWithHeader = (page: Page, url: string) =>
  page.evaluate(
    ([url, headers]) =>
      fetch(url, { method: 'POST', credentials: 'include', headers }).then(
        () => 'answered',
        () => 'refused by the browser',
      ),
    [url, OUR_HEADER] as const,
  )

describe.skipIf(!findProgram('chromium'))('in a browser, the shop', () => {
  test('works for its own page, which sees no cookie', async () => {
    const { payments, ask, shop } = await startVisit()
    expect(await ask('/api/v1/payments/1')).toBe(200)
    expect(await ask('/api/v1/payments', 'POST', '{}')).toBe(200)
    expect(payments.counters.ok).toBe(2)
    expect(await shop.evaluate(() => document.cookie)).toBe('')
  })

  test('gets no cookie from another site, and passes nothing on: SameSite', async () => {
    const { forged, payments, shopUrl, visit } = await startVisit()
    const evil = await visit('127.0.0.1')
    await postForm(evil, `${shopUrl}/api/v1/payments`)
    expect(forged).toEqual([{ request: 'POST /api/v1/payments', withCookie: false }])
    expect(payments.counters.requests).toBe(0)
  })

  test('gets the cookie from a subdomain, where SameSite is no help, and passes nothing on: the header and the origin', async () => {
    const { forged, payments, shopUrl, visit, ask } = await startVisit()
    const evil = await visit('evil.shop.localhost')
    await postForm(evil, `${shopUrl}/api/v1/payments`)
    await postForm(evil, `${shopUrl}/sign-out`)
    expect(forged).toEqual([
      { request: 'POST /api/v1/payments', withCookie: true },
      { request: 'POST /sign-out', withCookie: true },
    ])
    expect(await askWithHeader(evil, `${shopUrl}/sign-out`)).toBe('refused by the browser')
    // What came is the question for permission.
    expect(forged.at(-1)).toEqual({ request: 'OPTIONS /sign-out', withCookie: false })
    expect(payments.counters.requests).toBe(0)
    expect(await ask('/api/v1/payments/1')).toBe(200)
  })
})

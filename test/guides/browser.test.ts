import { createServer } from 'node:http'
import { fakeAuthServer } from 'axios-renew/testing'
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { close, listen } from '../../examples/servers/listen.ts'
import { findProgram } from '../../scripts/requirements.mjs'
import { bundlePage } from '../support/bundle-page.ts'
import { startBrowser } from '../tabs/support/browser.ts'
import { blockOf } from './run-block.ts'

// A browser takes several seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

/** What a page of the tests runs: a block of a guide, and a way to use what it has made. */
const bundle = (block: string) =>
  bundlePage({
    stdin: { contents: `${block}\nObject.assign(globalThis, { made: { session } })`, loader: 'ts', resolveDir: import.meta.dirname },
  })

/** What `tokens()` gives in a page: 'ok', or the code of the error. */
const tokens = () =>
  made.session.getTokens().then(
    () => 'ok',
    ({ code }) => code as string,
  )

declare global {
  var made: { session: import('axios-renew').Session }
}

/** A site whose back end keeps the refresh token in a cookie, before a strict authorization server. */
async function startCookieSite(script: string) {
  const auth = fakeAuthServer()
  await auth.listen()
  const state = { arrived: 0, waitFor: 1, refusal: 204, go: () => {} }
  const all = new Promise<void>((resolve) => {
    state.go = resolve
  })
  const html = `<link rel="icon" href="data:,"><script>${script.replaceAll('</script', '<\\/script')}</script>`
  const server = createServer(async (request, response) => {
    if (request.url !== '/auth/refresh') return response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(html)
    // Answers wait until so many have come.
    if (++state.arrived >= state.waitFor) state.go()
    await all
    const sent = /refresh=([^;]+)/.exec(request.headers.cookie ?? '')?.[1]
    if (sent === undefined) return response.writeHead(state.refusal).end()
    const form = { grant_type: 'refresh_token', refresh_token: sent, client_id: 'client', client_secret: 'secret' }
    const answer = await fetch(auth.tokenEndpoint, { method: 'POST', body: new URLSearchParams(form) })
    if (!answer.ok) return response.writeHead(401).end()
    const { access_token, refresh_token } = (await answer.json()) as Record<string, string>
    response.setHeader('Set-Cookie', `refresh=${refresh_token}; HttpOnly; SameSite=Strict; Path=/auth`)
    return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ access_token, expires_in: 3600 }))
  })
  const url = await listen(server)
  onTestFinished(async () => {
    await Promise.all([close(server), auth.close()])
  })
  const { context } = await startBrowser()
  /** Somebody signs in: the back end sets the cookie, and no page hears of it. */
  const setCookie = () => {
    const value = String(auth.signIn().refresh_token)
    return context.addCookies([{ name: 'refresh', value, domain: '127.0.0.1', path: '/auth', httpOnly: true, sameSite: 'Strict' }])
  }
  const openTab = async () => {
    const page = await context.newPage()
    await page.goto(url)
    return page
  }
  return { auth, state, setCookie, openTab }
}

/** Two tabs of the site, with a cookie. */
async function startTwoTabs(script: string) {
  const site = await startCookieSite(script)
  await site.setCookie()
  return { ...site, tabs: [await site.openTab(), await site.openTab()] }
}

describe.skipIf(!findProgram('chromium'))('two tabs, one cookie', () => {
  let block = ''
  beforeAll(() => {
    block = blockOf('security.md', 'Several tabs, one cookie')
  })

  const stored = () => `import { webStore } from 'axios-renew/browser'\n${block.replace('tokens: {},', 'tokens: {}, store: webStore(),')}`

  test('without a lock both send it, and the grant is revoked', async () => {
    const unlocked = block.replace(/navigator\.locks\.request\('[^']+', (async \(\) => \{.*?\})\)/s, '($1)()')
    expect(unlocked).not.toContain('navigator')
    const { auth, state, tabs } = await startTwoTabs(await bundle(unlocked))
    state.waitFor = 2
    const outcomes = await Promise.all(tabs.map((tab) => tab.evaluate(tokens)))
    expect(outcomes.sort()).toEqual(['ERR_SESSION_ENDED', 'ok'])
    expect(auth.counters).toMatchObject({ reused: 1, grantsRevoked: 1 })
  })

  test('with the lock of the guide one sends it after the other', async () => {
    const { auth, tabs } = await startTwoTabs(await bundle(block))
    expect(await Promise.all(tabs.map((tab) => tab.evaluate(tokens)))).toEqual(['ok', 'ok'])
    expect(auth.counters).toMatchObject({ tokenRequests: 2, mostAtOnce: 1, reused: 0, grantsRevoked: 0 })
  })

  test('with a webStore one refreshes for both', async () => {
    const { auth, tabs } = await startTwoTabs(await bundle(stored()))
    expect(await Promise.all(tabs.map((tab) => tab.evaluate(tokens)))).toEqual(['ok', 'ok'])
    expect(auth.counters).toMatchObject({ tokenRequests: 1, reused: 0, grantsRevoked: 0 })
  })

  test.each([
    [204, 'ERR_SIGNED_OUT'],
    [401, 'ERR_SESSION_ENDED'],
  ])('with a webStore a visit without a cookie (%i) is remembered after the sign-in, until signIn({}) says so', async (refusal, code) => {
    const { auth, state, setCookie, openTab } = await startCookieSite(await bundle(stored()))
    state.refusal = refusal
    const visitor = await openTab()
    expect(await visitor.evaluate(tokens)).toBe(code)
    await setCookie()
    const page = await openTab()
    expect(await page.evaluate(tokens)).toBe(code)
    expect([state.arrived, auth.counters.tokenRequests]).toEqual([1, 0])

    const signIn = blockOf('security.md', 'Several tabs, one cookie', 1)
    await page.evaluate((code) => new Function('session', `return (async () => {${code}})()`)(made.session), signIn)
    expect(await page.evaluate(tokens)).toBe('ok')
    expect(await (await openTab()).evaluate(tokens)).toBe('ok')
    expect(await visitor.evaluate(tokens)).toBe('ok')
    expect(auth.counters).toMatchObject({ tokenRequests: 1, reused: 0, grantsRevoked: 0 })
  })

  test('without a store, too, a page that was told that nobody is signed in has to hear of the sign-in', async () => {
    const { state, setCookie, openTab } = await startCookieSite(await bundle(block))
    const page = await openTab()
    expect(await page.evaluate(tokens)).toBe('ERR_SIGNED_OUT')
    await setCookie()
    expect(await page.evaluate(tokens)).toBe('ERR_SIGNED_OUT')
    expect(state.arrived).toBe(1)
    await page.evaluate(() => made.session.signIn({}))
    expect(await page.evaluate(tokens)).toBe('ok')
  })
})

describe.skipIf(!findProgram('chromium'))('the browser says CORS', () => {
  /** An API whose answers may be read by pages of other origins: those that are fine, and perhaps the 401s. */
  async function startApi(accepts: (token: string | null) => boolean, refusalsToo: boolean) {
    const api = createServer((request, response) => {
      const cors = { 'access-control-allow-origin': '*', 'access-control-allow-headers': 'authorization' }
      if (request.method === 'OPTIONS') return response.writeHead(204, cors).end()
      const good = accepts(request.headers.authorization ?? null)
      return response.writeHead(good ? 200 : 401, good || refusalsToo ? cors : {}).end('{}')
    })
    const url = await listen(api)
    onTestFinished(() => close(api))
    return url
  }

  /** A page with a session at that token endpoint and API. */
  async function startPage(tokenEndpoint: string, api: string) {
    const script = await bundle(`
      import axios from 'axios'
      import { attach, createSession, oauth2 } from 'axios-renew'
      const session = createSession(oauth2({ tokenEndpoint: '${tokenEndpoint}', clientId: 'client', clientSecret: 'secret' }))
      const api = axios.create({ baseURL: '${api}' })
      attach(api, session)
      Object.assign(globalThis, { ask: () => api.get('/').then(() => 'ok', ({ code, response }) => code + ' ' + typeof response) })`)
    const html = createServer((_, response) =>
      response
        .writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
        .end(`<link rel="icon" href="data:,"><script>${script.replaceAll('</script', '<\\/script')}</script>`),
    )
    const url = await listen(html)
    onTestFinished(() => close(html))
    const page = await (await startBrowser()).context.newPage()
    await page.goto(url)
    return {
      signIn: (pair: object) => page.evaluate((pair) => made.session.signIn(pair), pair),
      ask: () => page.evaluate(() => (globalThis as unknown as { ask(): Promise<string> }).ask()),
    }
  }

  async function startAuth() {
    const auth = fakeAuthServer()
    await auth.listen()
    onTestFinished(() => auth.close())
    return auth
  }

  test('of a 401 without CORS headers: the page sees no status, and nothing is refreshed; with them it is', async () => {
    const auth = await startAuth()
    for (const [refusalsToo, outcome, tokenRequests] of [
      [false, 'ERR_NETWORK undefined', 0],
      [true, 'ok', 1],
    ] as const) {
      const { signIn, ask } = await startPage(auth.tokenEndpoint, await startApi(auth.accepts, refusalsToo))
      await signIn(auth.signIn())
      expect(await ask()).toBe('ok')
      auth.expire()
      expect(await ask()).toBe(outcome)
      expect(auth.counters.tokenRequests).toBe(tokenRequests)
    }
  })

  test('of the token endpoint: the refresh is uncertain, as the server may have acted', async () => {
    const auth = await startAuth()
    let acted = 0
    const strict = createServer((_, response) => {
      acted++
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
    const tokenEndpoint = `${await listen(strict)}/token`
    onTestFinished(() => close(strict))
    const { signIn, ask } = await startPage(tokenEndpoint, await startApi(auth.accepts, true))
    await signIn(auth.signIn())
    auth.expire()
    expect(await ask()).toBe('ERR_REFRESH_UNCERTAIN undefined')
    expect(acted).toBe(1)
  })
})

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import axios from 'axios'
import type { Session } from 'axios-renew'
import { describe, expect, test } from 'vitest'
import { runBlock } from '../guides/run-block.ts'
import { startBackEnd } from './support/back-end.ts'
import { expectBroughtBack, STEP_1, STEP_2 } from './support/describe-migration.ts'
import { Guide } from './support/guide.ts'
import { burst, refusedIn, startScene } from './support/scene.ts'

const README = 'README'
const GUIDES = ['axios-auth-refresh', 'axios-auth-refresh-queue', 'axios-jwt', 'hand-written']

describe('docs/migrating', () => {
  test('links every guide from its index', () => {
    const files = readdirSync(new URL('../../docs/migrating', import.meta.url)).filter((file) => file.endsWith('.md'))
    expect(files.sort()).toEqual([...GUIDES, README].map((name) => `${name}.md`).sort())
    for (const name of GUIDES) expect(new Guide(README).text).toContain(`](${name}.md)`)
  })

  test('has the same new code in the guides that end up with the same keys', () => {
    for (const step of [STEP_1, STEP_2]) {
      const [first, ...others] = ['axios-auth-refresh', 'axios-auth-refresh-queue', 'hand-written'].map((name) =>
        new Guide(name).block(step),
      )
      for (const other of others) expect(other).toBe(first)
    }
  })

  test.each([...GUIDES, README])('%s: every block of code has a name, by which it is run', (name) => {
    const { text, titles } = new Guide(name)
    expect(text.match(/^```ts$/gm)).toHaveLength(titles.length)
  })
})

describe.each([...GUIDES, README])('%s', (name) => {
  const links = [...new Guide(name).text.matchAll(/\]\((?<path>[^)#\s]*)(?:#(?<anchor>[^)]+))?\)/g)].map(({ groups }) => ({ ...groups }))

  test.each(links)('links $path # $anchor, which is there', ({ path = '', anchor }) => {
    const target = new URL(path || `${name}.md`, new URL('../../docs/migrating/', import.meta.url))
    expect(existsSync(target)).toBe(true)
    if (anchor) expect(headingsOf(target)).toContain(anchor)
  })
})

/** The anchors of a Markdown file, as GitHub makes them. */
function headingsOf(file: URL): string[] {
  const headings = readFileSync(file, 'utf8').matchAll(/^#+ (?<heading>.*)$/gm)
  return [...headings].map(({ groups }) =>
    String(groups?.heading)
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )
}

describe('the index', () => {
  /** The session of the page that the index links: some answers are the end. */
  async function startWithEnds() {
    const backEnd = await startBackEnd()
    const bare = axios.create({ baseURL: backEnd.url })
    const { session } = await runBlock<{ session: Session }>('errors.md', 'ERR_SESSION_ENDED', { nth: 1, given: { bare } })
    return { backEnd, session }
  }

  test.each([400, 422])('which answer ends the session: a %i, when refresh says so', async (refusal) => {
    const { backEnd, session } = await startWithEnds()
    await session.signIn(backEnd.signIn())
    backEnd.auth.revoke()
    backEnd.refusal = refusal
    await expect(session.refresh()).rejects.toMatchObject({ code: 'ERR_SESSION_ENDED' })
    expect(session.status).toBe('ended')
  })

  test('which answer ends the session: without that a 400 does not, and a 503 does not with it', async () => {
    const { backEnd, page } = await refusedIn('hand-written', STEP_1)
    backEnd.auth.revoke()
    backEnd.refusal = 400
    await expect(page.api.get('/me')).rejects.toMatchObject({ code: 'ERR_REFRESH_FAILED' })

    const other = await startWithEnds()
    await other.session.signIn(other.backEnd.signIn())
    other.backEnd.auth.fail({ status: 503 })
    other.backEnd.refusal = 503
    await expect(other.session.refresh()).rejects.toMatchObject({ code: 'ERR_REFRESH_FAILED' })
  })

  test('login-page.ts: sends back who is signed in, and nobody else', async () => {
    const { browser, open } = await startScene('hand-written')
    const visitPage = async () => {
      browser.path = '/login'
      const { session } = await open(STEP_2)
      await browser.open(new Guide(README), 'login-page.ts', { session })
      return browser.visited.splice(0)
    }
    expect(await visitPage()).toEqual([])
    await (await open(STEP_2)).signIn('maria', 'secret')
    expect(await visitPage()).toEqual(['/'])
  })

  test('answer.ts: an answer of another shape is understood', async () => {
    const own = { bare: { post: async () => ({ data: { result: { jwt: 'a2', renewal: 'r2', ttl: 60 } } }) } }
    const { open } = await startScene(README, own)
    const { session } = await open('answer.ts')
    await session.signIn({ accessToken: 'a1', refreshToken: 'r1' })
    const { issuedAt = 0, ...tokens } = await session.refresh()
    expect(tokens).toEqual({ accessToken: 'a2', refreshToken: 'r2', expiresAt: issuedAt + 60_000 })
  })

  test('count.ts: a spoiled access token is one token request that is told, and no request is withheld', async () => {
    const scene = await startScene('hand-written')
    const { backEnd, browser, open } = scene
    await (await open(STEP_1)).signIn('maria', 'secret')
    browser.items.set('access_token', `${browser.items.get('access_token')?.slice(0, -8)}spoiled`.replace('.', '.x'))
    const page = await open(STEP_1)
    const told: string[] = []
    const console = { info: (text: string) => told.push(text), warn: (text: string) => told.push(text) }
    await browser.open(new Guide(README), 'count.ts', { session: page.session, console })
    expect(await burst(page.api, 20)).toBe(20)
    expect(told).toEqual(['token request 1'])
    expect(backEnd.auth.counters.tokenRequests).toBe(1)
  })

  test('one-refresh.ts: 100 requests are one token request', async () => {
    const told: Record<string, number>[] = []
    const { open } = await startScene(README, { console: { log: (counters: Record<string, number>) => told.push({ ...counters }) } })
    await open('one-refresh.ts')
    expect(told).toMatchObject([{ tokenRequests: 1, reused: 0 }])
  })

  test.each([[['api.ts, a shared promise', 'api.ts, sign-in of all three']], [[STEP_1]]])('back.ts: from step 2 to %s', async (titles) => {
    const scene = await startScene('hand-written')
    const { backEnd, browser } = scene
    const refresh = async ({ refreshToken }: { refreshToken: string }) =>
      (await axios.post(`${backEnd.url}/auth/refresh`, { refreshToken })).data
    await expectBroughtBack(scene, titles, () => browser.open(new Guide(README), 'back.ts', { refresh }))

    const forward = new Guide('hand-written', (text) => text.replaceAll('webStore()', "webStore('second')"))
    const again = await browser.open(forward, STEP_2)
    expect((await again.api.get('/me')).status).toBe(200)
    expect(backEnd.auth.counters).toMatchObject({ tokenRequests: 1, reused: 0 })
  })
})

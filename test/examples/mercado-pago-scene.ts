import { expect, vi } from 'vitest'
import { type MercadoPagoSite, startMercadoPagoSite } from '../../examples/servers/mercado-pago-site.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'
import { type Run, type Script, startScript } from './run-script.ts'

export const DAY = 24 * 3600_000

/** Mercado Pago's look-alike, a PostgreSQL, and the programs of the guide, on one clock. */
export interface Scene {
  readonly site: MercadoPagoSite
  readonly postgres: PostgresServer
  /** What every program is started with; the clock is that of the moment. */
  environment(): Record<string, string>
  /** Lets so much time pass: for the look-alike, and for the programs that are started after. */
  pass(ms: number): void
  /** Runs a program of the guide to its end. */
  run(program: string, changes?: Record<string, string>): Promise<Run>
  /** Starts a program of the guide. */
  start(program: string, changes?: Record<string, string>): Script
  /** Starts the server; `url` answers, and is told of notifications. */
  serve(changes?: Record<string, string>): Promise<{ script: Script; stop(): Promise<Run> }>
  /** Where the server that was started last can be reached: the way through a proxy that speaks https, as `SITE`. */
  readonly url: string
  /** A seller's browser: goes from /connect through the consent page and back. Gives the last answer. */
  connect(seller: number, options?: ConnectOptions): Promise<Response>
  close(): Promise<void>
}

/** What is special about a way to the consent page and back. */
interface ConnectOptions {
  cookies?: Map<string, string>
  decision?: 'allow' | 'deny'
  /** Changes the address of the consent page. */
  detour?: (page: URL) => void
  /** Changes the address that leads back. */
  tamper?: (back: URL) => void
}

/** The marketplace, as browsers see it. */
export const SITE = 'https://market.example'
export const WEBHOOK_SECRET = 'webhook-secret'

/** Sets the scene. The look-alike's clock is this process's `Date`, which stands still between two calls of `pass`. */
export async function setScene(): Promise<Scene> {
  const started = Date.now()
  vi.useFakeTimers({ toFake: ['Date'], now: started })
  const [site, postgres] = await Promise.all([startMercadoPagoSite(), startPostgres()])
  let url = ''
  site.application.redirectUrl = `${SITE}/callback`
  site.application.pkce = true

  const environment = () => ({
    MP_LOOK_ALIKE: '1',
    MP_AUTHORIZATION_PAGE: site.authorizationPage,
    MP_API: site.url,
    MP_REDIRECT_URL: `${SITE}/callback`,
    DATABASE_URL: postgres.connectionString,
    PORT: '0',
    NODE_OPTIONS: `--import=${ahead(Date.now() - started)}`,
  })
  const start = (name: string, changes?: Record<string, string>) =>
    startScript(`examples/mercado-pago/${name}`, [], { ...environment(), ...changes })

  return {
    site,
    postgres,
    get url() {
      return url
    },
    environment,
    start,
    pass: (ms) => void vi.setSystemTime(Date.now() + ms),
    run: (name, changes) => start(name, changes).ended,
    async serve(changes) {
      const script = start('server.ts', changes)
      await expect.poll(() => script.printed, { timeout: 30_000 }).toMatchObject({ stdout: expect.stringContaining('/connect') })
      url = /http:\S+(?=\/connect)/.exec(script.printed.stdout)?.[0] ?? ''
      site.webhook = { url: `${url}/notifications`, secret: WEBHOOK_SECRET }
      return {
        script,
        stop() {
          script.child.kill('SIGTERM')
          return script.ended
        },
      }
    },
    async connect(seller, { cookies = new Map<string, string>(), decision = 'allow', detour, tamper } = {}) {
      const page = new URL(locationOf(await browse(`${url}/connect`, cookies)))
      detour?.(page)
      expect(await (await browse(page, cookies)).text()).toContain('<form method="post">')
      const form = new URLSearchParams({ seller: String(seller), decision })
      const back = new URL(locationOf(await browse(page, cookies, { method: 'POST', body: form })))
      expect(back.origin).toBe(SITE)
      tamper?.(back)
      return browse(`${url}${back.pathname}${back.search}`, cookies)
    },
    async close() {
      vi.useRealTimers()
      await Promise.all([site.close(), postgres.close()])
    },
  }
}

/** One request of a browser, which keeps cookies. */
export async function browse(url: string | URL, cookies: Map<string, string>, init: RequestInit = {}): Promise<Response> {
  const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const response = await fetch(url, { ...init, redirect: 'manual', headers: { cookie } })
  for (const set of response.headers.getSetCookie()) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
    if (value) cookies.set(name, value)
    else cookies.delete(name)
  }
  return response
}

function locationOf(response: Response): string {
  expect(response.status).toBe(302)
  return response.headers.get('location') ?? ''
}

/** A module that puts a process's clock ahead. */
function ahead(ms: number): string {
  const code = `const Now = Date; globalThis.Date = class Date extends Now {
    constructor(...parts) { if (parts.length) super(...parts); else super(Now.now() + ${ms}) }
    static now() { return Now.now() + ${ms} }
  }`
  return `data:text/javascript,${encodeURIComponent(code)}`
}

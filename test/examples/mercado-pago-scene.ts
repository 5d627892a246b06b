import { expect, vi } from 'vitest'
import { type MercadoPagoSite, startMercadoPagoSite } from '../../examples/servers/mercado-pago-site.ts'
import { freePort } from '../support/own-port.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'
import { type Run, runScript, type Script, startScript } from './run-script.ts'

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
  /** Starts the server; `url` answers. */
  serve(): Promise<{ script: Script; stop(): Promise<Run> }>
  readonly url: string
  /** A seller's browser: goes from /connect through the consent page and back. Gives the last answer. */
  connect(seller: number, options?: { cookies?: Map<string, string>; decision?: string; tamper?: (back: URL) => void }): Promise<Response>
  close(): Promise<void>
}

/** Sets the scene. The look-alike's clock is this process's `Date`, which stands still between two calls of `pass`. */
export async function setScene(): Promise<Scene> {
  const started = Date.now()
  vi.useFakeTimers({ toFake: ['Date'], now: started })
  const [site, postgres, port] = await Promise.all([startMercadoPagoSite(), startPostgres(), freePort()])
  const url = `http://127.0.0.1:${port}`
  site.application.redirectUrl = `${url}/callback`
  site.application.pkce = true
  site.webhook = { url: `${url}/notifications`, secret: 'webhook-secret' }

  const environment = () => ({
    MP_AUTHORIZATION_PAGE: site.authorizationPage,
    MP_API: site.url,
    MP_REDIRECT_URL: `${url}/callback`,
    DATABASE_URL: postgres.connectionString,
    PORT: String(port),
    NODE_OPTIONS: `--import=${ahead(Date.now() - started)}`,
  })
  const program = (name: string) => `examples/mercado-pago/${name}`

  return {
    site,
    postgres,
    url,
    environment,
    pass: (ms) => void vi.setSystemTime(Date.now() + ms),
    run: (name, changes) => runScript(program(name), [], { ...environment(), ...changes }),
    async serve() {
      const script = startScript(program('server.ts'), [], environment())
      await expect.poll(() => script.printed, { timeout: 30_000 }).toMatchObject({ stdout: expect.stringContaining('/connect') })
      return {
        script,
        stop() {
          script.child.kill('SIGTERM')
          return script.ended
        },
      }
    },
    async connect(seller, { cookies = new Map<string, string>(), decision = 'allow', tamper } = {}) {
      const page = new URL(locationOf(await browse(`${url}/connect`, cookies)))
      expect(await (await browse(page, cookies)).text()).toContain('<form method="post">')
      const form = new URLSearchParams({ seller: String(seller), decision })
      const back = new URL(locationOf(await browse(page, cookies, { method: 'POST', body: form })))
      tamper?.(back)
      return browse(back, cookies)
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

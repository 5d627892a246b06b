import type { AxiosInstance } from 'axios'
import { onTestFinished, vi } from 'vitest'
import { type BackEnd, startBackEnd } from './back-end.ts'
import { Guide } from './guide.ts'
import { type AppModule, Browser } from './page.ts'

/** A back end and a browser, before which the blocks of a guide run. */
export interface Scene {
  readonly backEnd: BackEnd
  readonly browser: Browser
  /** Opens a tab with blocks of the guide. */
  open(titles: string | string[]): Promise<AppModule>
}

/** @param own what the blocks have beside themselves, by name. */
export async function startScene(name: string, own?: object): Promise<Scene> {
  const backEnd = await startBackEnd()
  const browser = new Browser(backEnd)
  const guide = new Guide(name)
  return { backEnd, browser, open: (titles) => browser.open(guide, titles, own) }
}

/** Somebody has signed in with one version of the app, and the server refuses the access token since. */
export async function refusedIn(name: string, titles: string | string[], own?: object): Promise<Scene & { page: AppModule }> {
  const scene = await startScene(name, own)
  const page = await scene.open(titles)
  await page.signIn('maria', 'secret')
  scene.backEnd.auth.expire()
  return { ...scene, page }
}

/** Two hours pass: the access tokens that there are have expired, by what they say and at the server. */
export function lapse({ backEnd }: Scene): void {
  const now = Date.now()
  if (!vi.isFakeTimers()) {
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
  }
  vi.setSystemTime(now + 2 * 3600_000)
  backEnd.auth.expire()
}

/** So many requests at once; gives how many of them succeeded. */
export async function burst(api: AxiosInstance, count: number): Promise<number> {
  const outcomes = await Promise.allSettled(Array.from({ length: count }, (_, i) => api.get(`/orders/${i}`)))
  return outcomes.filter(({ status }) => status === 'fulfilled').length
}

/** A request in each of two tabs; both have read what is stored before either gets the answer to its token request. */
export async function refreshAtOnce({ backEnd }: Scene, one: AppModule, other: AppModule): Promise<void> {
  backEnd.refreshes.gather(2)
  await Promise.allSettled([one.api.get('/me'), other.api.get('/me')])
}

/** So many requests that are refused, whose 401s come one by one, each when the request before has come to its end. */
export async function oneByOne({ backEnd }: Scene, api: AxiosInstance, count: number): Promise<void> {
  backEnd.refusals.queue(count)
  await Promise.all(Array.from({ length: count }, (_, i) => api.get(`/orders/${i}`).finally(() => backEnd.refusals.next())))
}

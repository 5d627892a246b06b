import axios from 'axios'
import type { Library } from '../libraries/library.ts'
import { Authority } from '../support/authority.ts'
import { fateWithin, PENDING } from '../support/fate.ts'
import { startServer } from '../support/server.ts'
import { scenario, situation } from './scenario.ts'

/** Long beside the time a caller that may leave takes for it. */
const PATIENCE_MS = 1500

export const leavingTheWait = scenario({
  id: 'leaving-the-wait',
  title: 'Abort or timeout while waiting for the refresh',
  about401: false,
  right: { abort: 'rejected ERR_CANCELED', timeout: 'rejected ECONNABORTED' },
  async observe(library) {
    const controller = new AbortController()
    const [abort, timeout] = await Promise.all([
      whileRefreshing(library, { signal: controller.signal }, () => controller.abort()),
      whileRefreshing(library, { timeout: 500 }, () => {}),
    ])
    return { abort, timeout }
  },
  tell: ({ abort, timeout }) => `abort: ${said(abort)}; timeout: ${said(timeout)}`,
})

function said(fate: string): string {
  return fate === PENDING ? 'ignored' : fate
}

/** What becomes of a request while the token endpoint does not answer. */
async function whileRefreshing(library: Library, config: { signal?: AbortSignal; timeout?: number }, act: () => void): Promise<string> {
  const authority = new Authority()
  const server = await startServer(authority)
  const { arrived, release } = server.holdTokens()
  const api = axios.create({ baseURL: server.url })
  situation(library, authority, server.refresh, true).protect(api)
  const request = api.get('/payments/1', config)
  request.catch(() => {})
  await arrived
  act()
  const fate = await fateWithin(request, PATIENCE_MS)
  release()
  await request.catch(() => {})
  await server.close()
  return fate
}

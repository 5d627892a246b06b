import axios from 'axios'
import { Authority } from '../support/authority.ts'
import { fateOf } from '../support/fate.ts'
import { startServer } from '../support/server.ts'
import { counted, refreshes } from '../support/words.ts'
import { scenario } from './scenario.ts'

export const otherOrigin = scenario({
  id: 'other-origin',
  title: 'A request to another origin, which answers 401',
  about401: false,
  right: { tokensSeenThere: 0, refreshes: 0 },
  async observe(library) {
    const authority = new Authority()
    const server = await startServer(authority)
    const elsewhere = await startServer(new Authority())
    const api = axios.create({ baseURL: server.url })
    // The token is good: nothing gives a reason to refresh but the stranger's 401.
    const app = { stored: authority.issue(), refresh: server.refresh }
    library.wire(app).protect(api)
    await fateOf(api.get(`${elsewhere.url}/pixel.gif`))
    await Promise.all([server.close(), elsewhere.close()])
    const tokens = new Set(elsewhere.arrivals.flatMap(({ authorization }) => authorization ?? []))
    return { tokensSeenThere: tokens.size, refreshes: authority.tokenRequests }
  },
  tell: (seen) => `${counted(seen.tokensSeenThere, 'token')} sent there, ${refreshes(seen.refreshes)}`,
})

import { countResolved } from '../support/fate.ts'
import { refreshes } from '../support/words.ts'
import { onWire, scenario, times } from './scenario.ts'

export const late401 = scenario({
  id: 'late-401',
  title: '10 requests, whose 401s come one after another, each when the refresh is long done',
  about401: true,
  right: { resolved: 10, refreshes: 1 },
  async observe(library) {
    const { wire, authority, protect } = onWire(library, { api: (request) => (request < 10 ? 1000 * (request + 1) : 10) })
    const api = wire.client()
    protect(api)
    const fates = await wire.fates(times(10, (i) => api.get(`/payments/${i}`)))
    return { resolved: countResolved(fates), refreshes: authority.tokenRequests }
  },
  tell: (seen) => refreshes(seen.refreshes),
})

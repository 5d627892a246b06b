import { countResolved } from '../support/fate.ts'
import { refreshes } from '../support/words.ts'
import { onWire, scenario, times } from './scenario.ts'

export const concurrent401s = scenario({
  id: 'concurrent-401s',
  title: '100 concurrent 401s',
  about401: true,
  right: { resolved: 100, refreshes: 1, grantAlive: true },
  alsoRight: ['axios-auth-refresh, deduplicateRefresh: false', 'axios-auth-refresh-queue'],
  async observe(library) {
    const { wire, authority, protect } = onWire(library)
    const api = wire.client()
    protect(api)
    const fates = await wire.fates(times(100, (i) => api.get(`/payments/${i}`)))
    return { resolved: countResolved(fates), refreshes: authority.tokenRequests, grantAlive: authority.grantAlive }
  },
  tell: (seen) => `${seen.resolved} of 100 succeed, ${refreshes(seen.refreshes)}`,
})

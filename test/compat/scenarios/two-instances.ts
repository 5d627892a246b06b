import { countResolved } from '../support/fate.ts'
import { refreshes } from '../support/words.ts'
import { onWire, scenario, times } from './scenario.ts'

export const twoInstances = scenario({
  id: 'two-instances',
  title: 'Two axios instances, one session: 10 requests each',
  about401: false,
  right: { resolved: 20, refreshes: 1, grantAlive: true },
  alsoRight: ['axios-jwt'],
  async observe(library) {
    const { wire, authority, protect } = onWire(library, { expires: true })
    const instances = times(2, () => wire.client())
    for (const api of instances) protect(api)
    const fates = await wire.fates(instances.flatMap((api) => times(10, (i) => api.get(`/payments/${i}`))))
    return { resolved: countResolved(fates), refreshes: authority.tokenRequests, grantAlive: authority.grantAlive }
  },
  tell: (seen) => `${seen.resolved} of 20 succeed, ${refreshes(seen.refreshes)}${seen.grantAlive ? '' : ', the grant is revoked'}`,
})

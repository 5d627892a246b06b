import type { Library } from '../libraries/library.ts'
import { refreshes } from '../support/words.ts'
import { onWire, scenario, times } from './scenario.ts'

export const always401 = scenario({
  id: 'always-401',
  title: 'The server always says 401, 100 requests: at once, and one after another',
  about401: true,
  right: { refreshesAtOnce: 1, requestsAtOnce: 200, refreshesInSequence: 6, requestsInSequence: 106 },
  async observe(library) {
    const atOnce = broken(library)
    await atOnce.wire.fates(times(100, (i) => atOnce.get(i)))
    const inSequence = broken(library)
    for (let i = 0; i < 100; i++) await inSequence.wire.fates([inSequence.get(i)])
    return {
      refreshesAtOnce: atOnce.authority.tokenRequests,
      requestsAtOnce: atOnce.wire.requests.length,
      refreshesInSequence: inSequence.authority.tokenRequests,
      requestsInSequence: inSequence.wire.requests.length,
    }
  },
  tell: (seen) =>
    `${refreshes(seen.refreshesAtOnce)} and ${seen.requestsAtOnce} requests at once, ` +
    `${seen.refreshesInSequence} and ${seen.requestsInSequence} one after another`,
})

/** An API that refuses good tokens, too. */
function broken(library: Library) {
  const { wire, authority, protect } = onWire(library)
  authority.accepts = () => false
  const api = wire.client()
  protect(api)
  return { wire, authority, get: (i: number) => api.get(`/payments/${i}`) }
}

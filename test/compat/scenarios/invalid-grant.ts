import { counted } from '../support/words.ts'
import { onWire, scenario, times } from './scenario.ts'

export const invalidGrant = scenario({
  id: 'invalid-grant',
  title: 'The refresh token is refused: 10 requests at once, then 10 more, one after another',
  about401: false,
  right: { fates: ['rejected ERR_SESSION_ENDED'], tokenRequests: 1 },
  async observe(library) {
    const { wire, authority, protect } = onWire(library, { expires: true })
    authority.end()
    const api = wire.client()
    protect(api)
    const fates = await wire.fates(times(10, (i) => api.get(`/payments/${i}`)))
    for (let i = 0; i < 10; i++) fates.push(...(await wire.fates([api.get(`/payments/${i}`)])))
    return { fates: [...new Set(fates)].sort(), tokenRequests: authority.tokenRequests }
  },
  tell: ({ fates, tokenRequests }) => `${fates.join(', ')}; asked ${counted(tokenRequests, 'time')}`,
})

import { follow } from '../support/wire.ts'
import { onWire, scenario } from './scenario.ts'

export const signOut = scenario({
  id: 'sign-out',
  title: 'The user signs out while a refresh is under way',
  about401: false,
  right: { fate: 'rejected ERR_SIGNED_OUT', tokensComeBack: false, sentWithToken: 0 },
  async observe(library) {
    const { wire, authority, app, protect, signOut } = onWire(library, { expires: true })
    const api = wire.client()
    protect(api)
    const fates = follow([api.get('/payments/1')])
    await wire.run(() => authority.tokenRequests > 0)
    await signOut()
    const before = wire.requests.length
    await wire.run()
    const [fate = ''] = fates
    const sent = wire.requests.slice(before).filter(({ headers }) => headers.has('Authorization'))
    return { fate, tokensComeBack: app.stored !== undefined, sentWithToken: sent.length }
  },
  tell: ({ fate, tokensComeBack, sentWithToken }) =>
    `${tokensComeBack ? 'the tokens come back' : 'stays signed out'}; the request: ${fate}, sent with a token ${sentWithToken} times`,
})

import type * as Library from '../../src/index.ts'
import type { Contestant } from './contestant.ts'

/** This library, as it is built: the sources under tsx would be another program. */
export function axiosRenew({ attach, createSession }: typeof Library): Contestant {
  return {
    name: 'axios-renew',
    protect(instances, server) {
      const session = createSession({
        refresh: async ({ refreshToken }) => ({ ...(await server.refresh(String(refreshToken))), expiresIn: 3600 }),
        tokens: { ...server.stored, expiresIn: 3600, issuedAt: server.issuedAt },
      })
      for (const api of instances) attach(api, session)
    },
  }
}

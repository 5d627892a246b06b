import type { AxiosInstance } from 'axios'
import type { Library } from '../libraries/library.ts'
import { Authority, type Tokens } from '../support/authority.ts'
import { Wire } from '../support/wire.ts'
import { deadLock } from '../support/words.ts'
import { scenario, situation } from './scenario.ts'

/** It cannot work, so it is said at once. */
const ERROR = 'rejected ERR_REENTRANT_REFRESH'

type Refresh = (api: AxiosInstance, refreshToken: string) => Promise<Tokens>

export const sameInstance = scenario({
  id: 'same-instance',
  title: 'The token request goes through the same instance: at once; after an await (reading the storage, say); and it is refused with 401',
  about401: false,
  right: { atOnce: ERROR, afterAwait: ERROR, refused: ERROR },
  async observe(library) {
    return {
      atOnce: await fateWith(library, (api, refreshToken) => ask(api, refreshToken)),
      afterAwait: await fateWith(library, async (api, refreshToken) => ask(api, await Promise.resolve(refreshToken))),
      refused: await fateWith(library, (api) => ask(api, 'a spent one')),
    }
  },
  tell: ({ atOnce, afterAwait, refused }) => `${deadLock(atOnce)}; after an await: ${deadLock(afterAwait)}; refused: ${deadLock(refused)}`,
})

async function ask(api: AxiosInstance, refreshToken: string): Promise<Tokens> {
  return (await api.post<Tokens>('/token', refreshToken)).data
}

async function fateWith(library: Library, refresh: Refresh): Promise<string> {
  const authority = new Authority()
  const wire = new Wire(authority)
  wire.refusal = 401
  const api = wire.client()
  situation(library, authority, (refreshToken) => refresh(api, refreshToken), true).protect(api)
  const [fate = ''] = await wire.fates([api.get('/payments/1')])
  return fate
}

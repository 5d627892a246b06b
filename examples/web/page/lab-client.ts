import type { ContestantName } from '../names.ts'
import type { LabState } from '../servers/lab.ts'
import type { NumberedTokens } from '../servers/lane.ts'

/** Asks the servers' laboratory, which is behind the page's own origin. */
export const lab = {
  async state(): Promise<LabState> {
    return (await fetch('/lab/state')).json()
  },
  async signIn(who: ContestantName, expired: boolean): Promise<NumberedTokens> {
    return (await post(`/${who}/sign-in${expired ? '/expired' : ''}`)).json()
  },
  expire: (who: ContestantName) => post(`/${who}/expire`),
  revoke: (who: ContestantName) => post(`/${who}/revoke`),
  trouble: (what: 'slow' | 'fast' | 'cut' | 'mend') => post(`/lab/${what}`),
}

function post(path: string): Promise<Response> {
  return fetch(path, { method: 'POST' })
}

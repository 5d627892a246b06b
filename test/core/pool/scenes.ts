import type { SessionPool, SessionPoolOptions } from 'axios-renew'
import { Rows, Sellers } from './sellers.ts'

export const PAIR = { access_token: 's0-a', refresh_token: 's0-r', expires_in: 3600 }

/** Tokens that somebody holds keep their session: so the value is let go of here. */
export const done = (work: Promise<unknown>): Promise<void> => work.then(() => {})

export function overStore(options: Partial<SessionPoolOptions> = {}): { sellers: Sellers; pool: SessionPool } {
  const sellers = new Sellers()
  return { sellers, pool: sellers.pool(options) }
}

export function overRows(): { sellers: Sellers; rows: Rows; pool: SessionPool } {
  const sellers = new Sellers()
  const rows = new Rows()
  return { sellers, rows, pool: sellers.pool({ store: undefined, load: rows.load, save: rows.save }) }
}

import { hide } from '../../core/errors/auth-error.ts'
import { ABOUT_401, refreshOn401 } from '../../core/send/should-refresh.ts'
import type { ShouldRefresh } from '../../core/session/config.ts'
import { ignore } from '../../core/wait.ts'

/** Codes of causes that no other token cures: credentials of the wrong kind (7), none sent (5). */
const SET_UP_CAUSES: unknown[] = [5, '5', 7, '7']
const SET_UP_MESSAGE = /unauthorized use of live credentials|must provide your access_token/i

/**
 * Mercado Pago and Mercado Libre answer 401 for set-up errors, too: those do not refresh. A 401 whose
 * body cannot be read, or says something else, is an ordinary one.
 */
export const shouldRefreshMercado: ShouldRefresh = async (response) => {
  if (!(await refreshOn401(response))) return false
  const { message, cause } = Object(await response.body().catch(ignore))
  if (typeof message === 'string' && SET_UP_MESSAGE.test(message)) return false
  const causes: unknown[] = [cause].flat()
  return !causes.some((item) => SET_UP_CAUSES.includes(Object(item).code))
}
hide(shouldRefreshMercado, ABOUT_401, true)

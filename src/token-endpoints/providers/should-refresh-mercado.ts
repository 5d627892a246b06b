import { refreshOn401 } from '../../core/send/should-refresh.ts'
import type { ShouldRefresh } from '../../core/session/config.ts'

/** Codes of causes that no other token cures: credentials of the wrong kind (7), none sent (5). */
const SET_UP_CAUSES = [5, 7]
const SET_UP_MESSAGE = /unauthorized use of live credentials|must provide your access_token/i

/** Mercado Pago and Mercado Libre answer 401 for set-up errors, too: those do not refresh. */
export const shouldRefreshMercado: ShouldRefresh = async (response) => {
  if (!(await refreshOn401(response))) return false
  const { message, cause } = Object(await response.body())
  const causes: unknown[] = [cause].flat()
  return !SET_UP_MESSAGE.test(String(message)) && !causes.some((item) => SET_UP_CAUSES.includes(Number(Object(item).code)))
}

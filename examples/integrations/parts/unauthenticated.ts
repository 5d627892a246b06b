import type { ShouldRefresh } from 'axios-renew'

/**
 * A `shouldRefresh` for GraphQL: refused is a 401, and an answer that holds `errors[].extensions.code: 'UNAUTHENTICATED'`
 * and no data. With some data a mutation has been carried out in part: it must not be sent again.
 */
export const unauthenticated: ShouldRefresh = async ({ status, body }) => {
  if (status === 401) return true
  const { data, errors } = Object(await body())
  const isEmpty = Object.values(data ?? {}).every((field) => field === null)
  return isEmpty && Array.isArray(errors) && errors.some((error) => error?.extensions?.code === 'UNAUTHENTICATED')
}

/**
 * `authFetch`, with sessions, pools and errors once more: it imports no axios.
 *
 * @module axios-renew/fetch
 */

export { type AuthFetchOptions, authFetch } from './clients/fetch/auth-fetch.ts'
export * from './core/exports.ts'

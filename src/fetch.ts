export { type AuthFetchOptions, authFetch } from './clients/fetch/auth-fetch.ts'
export * from './core/exports.ts'

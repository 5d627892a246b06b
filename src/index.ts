/**
 * Sessions and pools, `attach` for axios, `oauth2` for any provider, `memoryStore`, the errors and the types.
 *
 * @module axios-renew
 */

export { type AttachOptions, attach } from './clients/axios/attach.ts'
export type { RenewRequestConfig } from './clients/axios/request-config.ts'
export * from './core/exports.ts'
export { memoryStore } from './stores/memory/memory-store.ts'
export type { ClientAuthentication } from './token-endpoints/oauth2/authenticate-client.ts'
export type { ClassifyError, Verdict } from './token-endpoints/oauth2/judge-answer.ts'
export { type OAuth2Options, oauth2 } from './token-endpoints/oauth2/oauth2.ts'

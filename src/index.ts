export { type AttachOptions, attach } from './clients/axios/attach.ts'
export type { RenewRequestConfig } from './clients/axios/request-config.ts'
export * from './core/exports.ts'
export { type OAuth2Options, oauth2 } from './token-endpoints/oauth2/oauth2.ts'

export { createFetchWatch } from './node/fetch-watch.ts'
export { followRedirects } from './node/follow-redirects.ts'
export { createRedirectGuard } from './node/redirect-guard.ts'
export { assertOutside, marked, waitFor } from './node/reentrancy.ts'

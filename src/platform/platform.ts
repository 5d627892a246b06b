import type { watchFetch as watchFetchInNode } from './node/fetch-watch.ts'
import type { followRedirects as followRedirectsInNode } from './node/follow-redirects.ts'
import type { createRedirectGuard as createRedirectGuardInNode } from './node/redirect-guard.ts'
import type { sealBody as sealBodyInNode, sealStream as sealStreamInNode } from './node/seal-stream.ts'
import type { unlessBroken as unlessBrokenInNode } from './node/unless-broken.ts'

export { readUrl } from './read-url.ts'

/*
 * `#platform`, by `imports` of package.json, is this file in browsers, `platform.react-native.ts` in React Native, and
 * `platform.node.ts` where Node's modules are: what a page cannot do does not weigh on it.
 */

/** Calls cannot be followed: a callback that waits for its own session ends at `refreshTimeoutMs`. */
export function marked<T>(_participant: object, callback: () => T): T {
  return callback()
}

export function assertOutside(_participant: object): void {}

export function waitFor<T>(_participant: object, work: Promise<T>): Promise<T> {
  return work
}

/** A page sees no redirects: the browser follows them, and takes off `Authorization` where it must. */
export const followRedirects: typeof followRedirectsInNode = async ({ fetch, signal, authorize }, bare) =>
  fetch(await authorize(bare), { signal })

export const createRedirectGuard: typeof createRedirectGuardInNode = (_trail, _sent, _added, own) => own

/** `XMLHttpRequest` tells the final URL; axios' `fetch` adapter is watched in Node only. */
export const watchFetch: typeof watchFetchInNode = () => undefined

/** A page has no Node streams. */
export const sealBody: typeof sealBodyInNode = () => {}

export const sealStream: typeof sealStreamInNode = () => {}

export const unlessBroken: typeof unlessBrokenInNode = (work) => work

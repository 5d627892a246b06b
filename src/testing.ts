/**
 * For tests: an authorization server that goes wrong on demand, a clock, and the tests that a store of your own must pass.
 *
 * @module axios-renew/testing
 */

export type { AuthServerCounters } from './testing/auth-server/endpoints.ts'
export { type FakeAuthServer, fakeAuthServer, type MswHttp } from './testing/auth-server/fake-auth-server.ts'
export type { Fault } from './testing/auth-server/faults.ts'
export type { Reuse, TokenResponse } from './testing/auth-server/grant.ts'
export type { FakeAuthServerOptions } from './testing/auth-server/read-rules.ts'
export { type FakeClock, fakeClock } from './testing/fake-clock.ts'
export { type TestStoreOptions, testStore } from './testing/test-store.ts'

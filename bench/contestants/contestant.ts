import type { AxiosInstance } from 'axios'
import type { BenchServer } from '../server.ts'

/** A way to authorize requests. */
export interface Contestant {
  readonly name: string
  /** It reads the expiry from the access token, which has to be a JWT then. */
  readonly needsJwt?: true
  /** Makes the requests of these instances carry the server's tokens; they share one session. */
  protect(instances: readonly AxiosInstance[], server: BenchServer): void
}

import type { Authorize, Origins, Session, ShouldRefresh } from 'axios-renew'

/** A request, in terms that every client understands. */
export interface TestRequest {
  method?: string
  /** Below the base URL, or absolute. */
  path: string
  headers?: Record<string, string>
  body?: unknown
  signal?: AbortSignal
}

/** A response, in terms that every client understands. */
export interface TestResponse {
  status: number
  text: string
}

/** A client with a session; it resolves for every status, and rejects with what the client rejects with. */
export type TestClient = (request: TestRequest) => Promise<TestResponse>

/** How a session is put on a client. */
export interface TestClientOptions {
  baseURL: string
  origins?: Origins
  shouldRefresh?: ShouldRefresh
  authorize?: Authorize
}

/** A way to send requests; the contract is the same for all. */
export interface Transport {
  name: string
  create(session: Session, options: TestClientOptions): TestClient
  /** It can send a body from a stream. */
  streams: boolean
  /** What was put on by `authorize` is taken off at a redirect that leaves the origins. */
  guardsCustomHeaders: boolean
  /** It tells where a response came from after redirects. */
  tellsFinalUrl: boolean
  /** Makes a stream body that can be read once. */
  stream?(text: string): unknown
}

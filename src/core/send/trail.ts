/** Where redirects take one send. Once it has left the allowed origins, nothing is put on it any more. */
export interface Trail {
  /** Whether a URL may receive the token. */
  permits(url: string): boolean
  /** Where the token was taken off for good; else where the response came from, for clients that do not tell. */
  endedAt?: string
}

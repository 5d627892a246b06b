/** What one request can say about its authorization, under `renew` in axios' request config. */
export interface RenewRequestConfig {
  /** Send it without a token, and do not react to its 401. Default `false`. */
  skip?: boolean
  /** Whose token it gets; for pools. With a single session it must be that session's account. */
  account?: string | number
  /** Makes a fresh body for the replay of a body that can be read only once (a stream). */
  replayBody?: () => unknown
}

declare module 'axios' {
  interface AxiosRequestConfig {
    /** How `axios-renew` authorizes this request. */
    renew?: RenewRequestConfig
  }
}

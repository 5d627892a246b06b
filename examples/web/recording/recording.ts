/** One time that a request was on the wire. Times are in ms since the recording began. */
export interface Send {
  from: number
  to?: number
  /** The number of the pair whose access token it carried; absent without a token. */
  pair?: number
  /** Absent when no answer came. */
  status?: number
}

/** One request as its caller sees it. */
export interface Row {
  group: string
  from: number
  sends: Send[]
  /** What the caller got: a status, or the code of an error. */
  outcome?: { at: number; ok: boolean; text: string }
}

/** One request to the token endpoint. */
export interface TokenRequest {
  from: number
  to?: number
  /** The pair that came, or what came instead. */
  pair?: number
  failure?: string
}

/** A pair on its way into the store. */
export interface Save {
  pair: number
  from: number
  to?: number
}

/** What happened, as it was measured. It holds no token: pairs have numbers. */
export interface Recording {
  rows: Row[]
  tokenRequests: TokenRequest[]
  saves: Save[]
  /** When another tab's pair was taken over. */
  adopted: { at: number; pair: number }[]
}

/** An empty recording. */
export const emptyRecording = (): Recording => ({ rows: [], tokenRequests: [], saves: [], adopted: [] })

/** Whether all callers have got something. */
export const isOver = ({ rows }: Recording): boolean => rows.every(({ outcome }) => outcome)

/** When the last thing happened. */
export function endOf({ rows, tokenRequests, saves, adopted }: Recording): number {
  const ends = [
    ...rows.flatMap(({ from, sends, outcome }) => [from, outcome?.at, ...sends.flatMap((send) => [send.from, send.to])]),
    ...[...tokenRequests, ...saves].flatMap(({ from, to }) => [from, to]),
    ...adopted.map(({ at }) => at),
  ]
  return Math.max(0, ...ends.filter((end) => end !== undefined))
}

/** How often something was sent with a pair that was not saved yet. */
export function usedBeforeSaved({ rows, saves }: Recording): number {
  const savedAt = new Map(saves.map(({ pair, to }) => [pair, to ?? Number.POSITIVE_INFINITY]))
  return rows.flatMap(({ sends }) => sends).filter(({ pair, from }) => from < (savedAt.get(pair ?? 0) ?? 0)).length
}

import type { Bounds, Config } from './rules.ts'

/** Yes and no, as numbers: states are named by their numbers. */
export type Bit = 0 | 1

/** A pair is known by its lineage and generation: the server issues each once. */
export interface Pair {
  lineage: number
  generation: number
}

export interface StoredRecord extends Pair {
  /** The how-manieth lineage it is. */
  order: number
  tombstone: Bit
  client: number
  intent: Bit
  ended: Bit
}

/** Where a thread stands: the step that it makes next. */
export const AT = {
  look: 1,
  lock: 2,
  again: 3,
  rewrite: 4,
  intent: 5,
  lease: 6,
  send: 7,
  answer: 8,
  write: 9,
  read: 10,
  mark: 11,
  revoke: 12,
}

export const REPLY = { none: 0, underWay: 1, pair: 2, refused: 3 }

/** One refresh, or the rest of one that was given up. */
export interface Refresh extends Pair {
  at: number
  /** Of its lineage. */
  order: number
  /** Which version the next write names. */
  version: number
  /** The lock was taken. */
  locked: Bit
  reply: number
  /** For the properties: its lease expired after it had looked at it. */
  silent: Bit
  /** For the properties: the highest generation that was stored when its intent was written; -1 without intent. */
  storedAtIntent: number
}

/** One sign-in or sign-out. */
export interface Signing {
  at: number
  out: Bit
  version: number
  /** Its own lineage, once it was written. */
  lineage: number
  /** What it replaces. */
  replaces: StoredRecord | null
  /** A write was reported as failed: it may have happened, in place of a record of this lineage (-1: of none). */
  unsure: number
}

export interface Process {
  client: number
  needs: number
  /** What it has in memory; null before it has looked. */
  held: StoredRecord | null
  /** Lineages that it has seen replaced: one bit each. */
  replaced: number
  refresh: Refresh | null
  late: Refresh | null
  signing: Signing | null
}

/** Why somebody else may have sent a token again without being wrong; for the properties only. */
export const LOST = { not: 0, crash: 1, givenUp: 2, silent: 3, answer: 4 }

export interface State {
  record: StoredRecord | null
  version: number
  /** What was stored before, for roll-backs. */
  history: { record: StoredRecord; version: number }[]
  /** Whose the lock is; FREE or DEAD. */
  owner: number
  processes: Process[]
  /** The server: the current generation of each lineage, and whether it is revoked. */
  grants: { current: number; revoked: Bit }[]
  /** Requests under way whose process crashed. */
  orphans: Pair[]
  left: Bounds
  /** For the properties: all that was sent. */
  sends: (Pair & { lost: number })[]
  /** For the properties: the highest generation of each lineage that was ever stored. */
  highest: number[]
  /** For the properties: the store has lost what was written. */
  storeLost: Bit
  /** For the properties: lineages of which a pair was lost on its way; one bit each. */
  pairLost: number
  /** For the properties: the lineage of the last sign-in or sign-out, and which it replaced. */
  decided: number
  decidedOver: number
  /** For the properties: who signed out crashed before the revocation. */
  signerLost: Bit
  /** 0, or what is wrong: an index into the list of findings, plus 1. */
  broken: number
  /** See `Config`. */
  countedVersions: boolean
}

export const FREE = -1
export const DEAD = -2
/** The version of an empty row, and one that is no longer there. */
export const NO_ROW = 0
export const STALE = -1

export function initialState(config: Config): State {
  return {
    record: { lineage: 0, generation: 1, order: 0, tombstone: 0, client: config.clients[0] ?? 0, intent: 0, ended: 0 },
    version: 1,
    history: [],
    owner: FREE,
    processes: config.needs.map((needs, i) => ({
      client: config.clients[i] ?? 0,
      needs,
      held: null,
      replaced: 0,
      refresh: null,
      late: null,
      signing: null,
    })),
    grants: [{ current: 1, revoked: 0 }],
    orphans: [],
    left: { ...config.bounds },
    sends: [],
    highest: [1],
    storeLost: 0,
    pairLost: 0,
    decided: 0,
    decidedOver: -1,
    signerLost: 0,
    broken: 0,
    countedVersions: config.countedVersions,
  }
}

/** A copy that shares nothing that is ever changed: records never are. */
export function copy(s: State): State {
  return {
    ...s,
    history: s.history.slice(),
    processes: s.processes.map((p) => ({
      ...p,
      refresh: p.refresh && { ...p.refresh },
      late: p.late && { ...p.late },
      signing: p.signing && { ...p.signing },
    })),
    grants: s.grants.map((grant) => ({ ...grant })),
    orphans: s.orphans.slice(),
    left: { ...s.left },
    sends: s.sends.map((send) => ({ ...send })),
    highest: s.highest.slice(),
  }
}

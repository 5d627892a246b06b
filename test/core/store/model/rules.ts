/** The rules of docs/decisions/0004-shared-stores.md. Each can be switched off, to see what is lost without it. */
export interface Rules {
  /** 1. What is stored is read again under the lock. 'version': only its version is; the decision stays. 'not': not at all. */
  rereadUnderLock: 'record' | 'version' | 'not'
  /** 2. Adoption goes forward only. Off: whatever is stored and differs is adopted. */
  forwardOnly: boolean
  /** 2. Who waits for one lineage is never served another's tokens. */
  waitersKeepTheirLineage: boolean
  /** 3. The intent is written by compare-and-swap. 'blind': whatever is stored. 'none': not at all. */
  intent: 'swap' | 'blind' | 'none'
  /** 4. Nothing is sent when the intent could not be written. */
  intentMustSucceed: boolean
  /** 5. The lease is looked at before sending. */
  leaseIsLookedAt: boolean
  /** 6. An answer is written if the stored generation is its parent. 'version': only if nothing was written. 'blind': always. */
  answer: 'generation' | 'version' | 'blind'
  /** 7. The lock is kept until the answer is written. Off: it is let go when the request has left. */
  lockIsKept: boolean
  /** 8. A sign-out writes a tombstone. Off: it deletes the row. */
  tombstones: boolean
  /** 9. After an error the answer's write is read back and tried again. Off: the pair is dropped. */
  readBack: boolean
  /** 10. Records of another client are left alone. */
  fingerprints: boolean
  /** 11. After `invalid_grant` the store is read before the session ends, and marked by compare-and-swap. */
  rereadWhenRefused: boolean
  /** 12. A row that vanished is written again. */
  vanishedIsRewritten: boolean
  /** 13. After an error, a sign-in or sign-out yields to a lineage that is neither its own nor the one it meant to replace. */
  signingYields: boolean
  /** 14. An answer is dropped when its own session has gone on to another lineage meanwhile. */
  answerYieldsToSession: boolean
  /** 15. An answer is written over a lineage that its session has seen replaced: the store was rolled back. */
  answerKnowsReplaced: boolean
  /**
   * 16. A lineage that was replaced is known again, and the order of both sign-ins says which is the later one. 'by time': every
   * clock is right. 'counted': one more than the session's last, as with clocks that stand still. 'no': whatever was left is older.
   */
  lineagesAreNumbered: 'by time' | 'counted' | 'no'
  /** 16. Which lineages are older: 'seen', only those that the session has had itself. 'all': by their order alone. */
  lineagesAreCompared: 'seen' | 'all'
  /** 17. Nothing is sent when the session has learnt meanwhile that the token is spent, or has gone on to another lineage. */
  memoryIsLookedAt: boolean
  /** 18. A lock that is held is kept while a late answer is unwritten, too. */
  lockIsKeptForLate: boolean
  /** 19. A pair that is dropped because of a sign-out is revoked. */
  orphansAreRevoked: boolean
  /** 21. A lock is given back by its owner only. Off: whoever has had it frees it, whoever has it now. */
  releaseByOwner: boolean
}

export const ALL_RULES: Rules = {
  rereadUnderLock: 'record',
  forwardOnly: true,
  waitersKeepTheirLineage: true,
  intent: 'swap',
  intentMustSucceed: true,
  leaseIsLookedAt: true,
  answer: 'generation',
  lockIsKept: true,
  tombstones: true,
  readBack: true,
  fingerprints: true,
  rereadWhenRefused: true,
  vanishedIsRewritten: true,
  signingYields: true,
  answerYieldsToSession: true,
  answerKnowsReplaced: true,
  lineagesAreNumbered: 'by time',
  lineagesAreCompared: 'seen',
  memoryIsLookedAt: true,
  lockIsKeptForLate: true,
  orphansAreRevoked: true,
  releaseByOwner: true,
}

/** How often what may happen. */
export interface Bounds {
  crash: number
  /** A lease expires though its holder lives. */
  silent: number
  /** A token request is given up; its answer may still come. */
  giveUp: number
  /** An answer of the token endpoint that never comes. */
  lostAnswer: number
  /** A write that happens, and is reported as failed. */
  lostReply: number
  /** A write that does not happen, and is reported as failed. */
  failedWrite: number
  signIn: number
  signOut: number
  /** The store falls back to an older record. */
  rollback: number
  /** The row is gone. */
  vanish: number
}

/** What P1 and P5 let pass, because nobody can know better; see `checkSend`, `checkTakeUp`. Each can be taken away, to see that it is needed. */
export interface Excuses {
  crash: boolean
  givenUp: boolean
  lostAnswer: boolean
  /** The first sender's lease expired after its look at it, before it had stored the answer. */
  silentHolder: boolean
  /** The second sender's lease expired between its look at it and the sending. */
  silentBeforeSending: boolean
  storeLost: boolean
  /** P5: the store was rolled back to a lineage that the session has never had. It takes that for a new one, until others write theirs. */
  neverSeen: boolean
}

export const ALL_EXCUSES: Excuses = {
  crash: true,
  givenUp: true,
  lostAnswer: true,
  silentHolder: true,
  silentBeforeSending: true,
  storeLost: true,
  neverSeen: true,
}

export interface Config {
  rules: Rules
  /** How many refreshes each process needs. */
  needs: number[]
  /** The OAuth client of each process. */
  clients: number[]
  bounds: Bounds
  /** What the server does about a spent refresh token: revoke the grant (strict), or only refuse it. */
  reuse: 'revoke' | 'refuse'
  /** A new sign-in revokes the grant before it. */
  oneGrant: boolean
  /** `onSaveFailure: 'serve'`: what was received is used before it is stored. */
  serve: boolean
  /** Versions count from 1 in a new row, and on from an old one after a roll-back; else none ever comes twice. */
  countedVersions: boolean
  excuses: Excuses
}

import type { Clock, TokenSet } from 'axios-renew'
import type { Notes } from './notes.ts'

/** A read that is held back. */
export interface HeldLoad {
  /** @param late the row was read just now, and not when the read was asked for. */
  finish(late: boolean): void
  fail(): void
}

/** A write that is held back. */
export interface HeldSave {
  finish(): void
  /** @param written the row was written, and only the confirmation was lost. */
  fail(written: boolean): void
  overran: boolean
}

/** The row of a database where `load` and `save` keep a pair. */
export class StorageRow {
  content: TokenSet | null = null
  slowLoad = false
  slowSave = true
  readonly loads: HeldLoad[] = []
  readonly saves: HeldSave[] = []
  /** Access tokens that have been written. */
  readonly written = new Set<string>()
  /** Access tokens whose save has failed at least once. */
  readonly unsaved = new Set<string>()
  /** Another process has written what is there now. */
  writtenElsewhere = false
  /** A load has failed, or overrun its time. */
  loadTrouble = false
  #lastSaved: TokenSet | null = null
  readonly #clock: Clock
  readonly #notes: Notes
  readonly #timeoutMs: number

  constructor(clock: Clock, notes: Notes, timeoutMs: number) {
    this.#clock = clock
    this.#notes = notes
    this.#timeoutMs = timeoutMs
  }

  write(tokens: TokenSet | null, elsewhere = false): void {
    this.content = tokens
    this.writtenElsewhere = elsewhere
    if (tokens) this.written.add(tokens.accessToken)
  }

  load = async (): Promise<TokenSet | null> => {
    const { intention, delivered } = this.#notes
    const startedAt = this.#clock.now()
    const found = this.slowLoad ? await this.#slowly() : this.content
    const overran = this.#clock.now() - startedAt >= this.#timeoutMs
    if (overran) this.loadTrouble = true
    else if (found?.refreshToken && intention === this.#notes.intention) delivered.add(found.refreshToken)
    return found
  }

  #slowly(): Promise<TokenSet | null> {
    const { content } = this
    return new Promise((resolve, reject) =>
      this.loads.push({
        finish: (late) => resolve(late ? this.content : content),
        fail: () => {
          this.loadTrouble = true
          reject(new Error('the database is down'))
        },
      }),
    )
  }

  save = async (tokens: TokenSet | null): Promise<void> => {
    if (this.saves.some(({ overran }) => !overran)) this.#notes.breach('two saves at once')
    this.#lastSaved = tokens
    if (!this.slowSave) return this.write(tokens)
    await new Promise<void>((resolve, reject) =>
      this.saves.push({
        overran: false,
        finish: () => resolve(this.write(tokens)),
        fail: (written) => {
          if (written) this.write(tokens)
          reject(new Error('the disk is full'))
        },
      }),
    )
  }

  /** The session says that the latest save has failed. */
  saveFailed(overran: boolean): void {
    if (this.#lastSaved) this.unsaved.add(this.#lastSaved.accessToken)
    const latest = this.saves.at(-1)
    if (overran && latest) latest.overran = true
  }
}

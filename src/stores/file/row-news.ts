import { isNews } from '../../core/store/record.ts'
import type { SessionRecord, StoredRecord } from '../../core/store/token-store.ts'
import { Watchers } from '../shared/watchers.ts'
import { filePoll } from './file-poll.ts'
import type { JsonFile, Rows } from './json-file.ts'

/** Tells those who watch an account that another process has written it. */
export class RowNews {
  readonly #file: JsonFile<StoredRecord>
  readonly #watchers = new Watchers()
  /** What those who watch know of. */
  readonly #known = new Map<string, StoredRecord | undefined>()
  readonly #poll

  constructor(file: JsonFile<StoredRecord>) {
    this.#file = file
    this.#poll = filePoll(file.path, () => this.#look())
  }

  watch(account: string, onChange: () => void): () => void {
    this.#poll.start()
    // At once: what is written from now on is news.
    if (!this.#watchers.has(account)) this.#known.set(account, this.#readNow().get(account))
    const stop = this.#watchers.add(account, onChange)
    return () => {
      stop()
      if (!this.#watchers.has(account)) this.#known.delete(account)
      if (this.#watchers.size === 0) this.#poll.stop()
    }
  }

  /** What stands there now. */
  tell(account: string, row: StoredRecord | undefined): void {
    const known = this.#known.get(account)
    if (!this.#watchers.has(account) || row?.version === known?.version) return
    this.#known.set(account, row)
    // Behind an intent there may be a pair that nobody has looked at.
    if (row && (isNews(row.record) || !samePair(row.record, known?.record))) this.#watchers.notify(account)
  }

  async #look(): Promise<void> {
    const rows = await this.#file.read()
    for (const account of this.#watchers.accounts()) this.tell(account, rows.get(account))
  }

  #readNow(): Rows<StoredRecord> {
    try {
      return this.#file.readNow()
    } catch {
      // There is none yet, or whoever reads it is told.
      return new Map()
    }
  }
}

function samePair(one: SessionRecord, two: SessionRecord | undefined): boolean {
  return one.generation === two?.generation && one.lineage === two.lineage
}

import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StoreError } from '../../core/errors/store-error.ts'
import { readText, replaceText } from './replace-file.ts'
import { withFileLock } from './with-file-lock.ts'

/** What is kept, by account. A `Map`, since an account may be called `__proto__`. */
export type Rows<Row> = Map<string, Row>

/** A step on the rows: it changes them in place and says so. It may be taken again, on other rows. */
export type Step<Row, Result> = (rows: Rows<Row>) => { result: Result; changed: boolean }

interface Waiting<Row> {
  take(rows: Rows<Row>): boolean
  settle(error?: unknown): void
}

/** Rows in one JSON file that several processes change. */
export class JsonFile<Row> {
  readonly path: string
  readonly #format: string
  #waiting: Waiting<Row>[] = []
  #running = false

  /** @param format what the file says it is. */
  constructor(path: string, format: string) {
    this.path = path
    this.#format = format
  }

  async read(): Promise<Rows<Row>> {
    return this.#parse(await readText(this.path))
  }

  /** The same at once; it throws also when there is no file. */
  readNow(): Rows<Row> {
    return this.#parse(readFileSync(this.path, 'utf8'))
  }

  /** Takes a step while no other process does. Steps that come together are written together. */
  change<Result>(step: Step<Row, Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      let taken: ReturnType<typeof step>
      this.#waiting.push({
        take(rows) {
          taken = step(rows)
          return taken.changed
        },
        settle: (error) => (error === undefined ? resolve(taken.result) : reject(error)),
      })
      void this.#run()
    })
  }

  async #run(): Promise<void> {
    if (this.#running) return
    this.#running = true
    while (this.#waiting.length > 0) {
      const steps = this.#waiting.splice(0)
      const error = await this.#commit(steps).then(
        () => undefined,
        (error: unknown) => error ?? new Error('unknown'),
      )
      for (const { settle } of steps) settle(error)
    }
    this.#running = false
  }

  async #commit(steps: readonly Waiting<Row>[]): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 })
    const change = (text: string | undefined) => {
      const rows = this.#parse(text)
      // Each takes its step, also behind one that changed something.
      const changed = steps.map((step) => step.take(rows)).includes(true)
      return changed ? this.#spell(rows) : undefined
    }
    while (!(await withFileLock(this.path, () => replaceText(this.path, change)))) {
      // Another was at work, though this one had the lock.
    }
  }

  /** @throws StoreError for what is not such a file. What it says is not told: it may be a token. */
  #parse(text: string | undefined): Rows<Row> {
    if (text === undefined) return new Map()
    let content: unknown
    try {
      content = JSON.parse(text)
    } catch {
      throw this.#foreign('JSON')
    }
    const { format, accounts } = Object(content)
    if (format !== this.#format || typeof accounts !== 'object' || accounts === null) throw this.#foreign(`a format of '${this.#format}'`)
    return new Map(Object.entries(accounts))
  }

  #spell(rows: Rows<Row>): string {
    return `${JSON.stringify({ format: this.#format, accounts: Object.fromEntries(rows) }, null, 2)}\n`
  }

  #foreign(expected: string): StoreError {
    return new StoreError(
      'ERR_STORE_UNAVAILABLE',
      `The file ${this.path} cannot be read, and is left as it is: expected ${expected}`,
      undefined,
    )
  }
}

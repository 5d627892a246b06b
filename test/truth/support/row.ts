import { readFile } from 'node:fs/promises'
import { createTokenFile, type TokenFile } from '../../../examples/demo/token-file.ts'

/** One row of storage: a JSON file. */
export interface Row extends TokenFile {
  readonly path: string
  /** What is written; `null` before the first write. */
  read(): Promise<Record<string, unknown> | null>
}

export function openRow(path: string, onWritten = () => {}): Row {
  return {
    path,
    ...createTokenFile(path, onWritten),
    async read() {
      const text = await readFile(path, 'utf8').catch((error) => {
        if (error.code === 'ENOENT') return 'null'
        throw error
      })
      return JSON.parse(text)
    },
  }
}

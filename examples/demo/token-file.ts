import { open, rename } from 'node:fs/promises'

/** Keeps one seller's tokens in a file. */
export interface TokenFile {
  /** Settles when the tokens are on the disk. */
  write(tokens: unknown): Promise<void>
}

/**
 * Writes to another file first and renames it: whoever reads finds the old pair or the new one, never half of one.
 *
 * @param onWritten is called when a pair is on the disk, before the writer goes on.
 */
export function createTokenFile(path: string, onWritten: () => void): TokenFile {
  let count = 0
  return {
    async write(tokens) {
      const draft = `${path}.${++count}`
      const file = await open(draft, 'w', 0o600)
      await file.writeFile(JSON.stringify(tokens))
      await file.sync()
      await file.close()
      await rename(draft, path)
      onWritten()
    },
  }
}

import { randomUUID } from 'node:crypto'
import { type FileHandle, open, readdir, readFile, rename, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** Nobody but the owner: what is kept are credentials. */
const MODE = 0o600
/** What comes between a file's name and that of its drafts. */
const DRAFT = /^\.[0-9a-f-]{36}\.draft$/

/** The text of a file; `undefined` when there is none. */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    return ifMissing(error)
  }
}

/**
 * Puts a new text in place of the old one, as a whole: a crash at any moment leaves the one or the other.
 *
 * Nothing that others write meanwhile is lost, even if the lock is: whoever slept under it may wake up when another has
 * long gone on. So each first makes its draft, then removes those of all others, then reads. Of two that overlap, the one
 * whose draft is younger removes the other's (which can then not be put in place) or finds it in place already.
 *
 * @param change gives the new text; `undefined`: it stays as it is.
 * @returns false when another was at work: nothing was written, and all is to be done again.
 */
export async function replaceText(path: string, change: (text: string | undefined) => string | undefined): Promise<boolean> {
  const draft = `${path}.${randomUUID()}.draft`
  const file = await open(draft, 'wx', MODE)
  try {
    const text = await writeDraft(file, async () => {
      await clearDrafts(path, draft)
      return change(await readText(path))
    })
    if (text === undefined) return true
    if (!(await renamed(draft, path))) return false
  } finally {
    await unlink(draft).catch(() => {})
  }
  await syncFolder(dirname(path))
  return true
}

/** On the disk before it has its name. */
async function writeDraft(file: FileHandle, compose: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    const text = await compose()
    if (text !== undefined) {
      await file.writeFile(text)
      await file.sync()
    }
    return text
  } finally {
    await file.close()
  }
}

/** Those of killed processes, too. */
async function clearDrafts(path: string, mine: string): Promise<void> {
  const [folder, name] = [dirname(path), basename(path)]
  for (const other of await readdir(folder)) {
    const isDraft = other.startsWith(name) && DRAFT.test(other.slice(name.length)) && other !== basename(mine)
    if (isDraft) await unlink(join(folder, other)).catch(ifMissing)
  }
}

/** False when the draft is gone. */
async function renamed(draft: string, path: string): Promise<boolean> {
  try {
    await rename(draft, path)
    return true
  } catch (error) {
    return ifMissing(error) ?? false
  }
}

/** So that the new name survives a power cut, too. */
async function syncFolder(path: string): Promise<void> {
  // Windows opens no folders.
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function ifMissing(error: unknown): undefined {
  if (Object(error).code !== 'ENOENT') throw error
}

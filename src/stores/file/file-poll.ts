import { statSync } from 'node:fs'

/** How often a file is looked at while somebody waits for a change, in ms. Where nothing has changed it is one `stat`. */
const POLL_MS = 200

/** Looks whether a file has changed. */
export interface FilePoll {
  /** From this moment on. */
  start(): void
  stop(): void
}

/**
 * Asks instead of being told (`fs.watch`): that works on every file system, for files that are not there yet, and without
 * a limit to how many may watch. Not by `fs.watchFile`, which begins a moment later. It keeps no process alive.
 *
 * @param onChange reads the file; when it rejects it is called again at the next look.
 * @param onLook called at each look.
 */
export function filePoll(path: string, onChange: () => Promise<void>, onLook = () => {}): FilePoll {
  let timer: NodeJS.Timeout | undefined
  let seen: string | undefined
  let reading = false
  const read = async (found: string | undefined) => {
    reading = true
    try {
      await onChange()
      // Not before: what could not be read is still to be told.
      seen = found
    } catch {
    } finally {
      reading = false
    }
  }
  const look = () => {
    const found = fingerprint(path)
    if (found !== seen && !reading) void read(found)
    onLook()
  }
  return {
    start() {
      if (timer) return
      seen = fingerprint(path)
      timer = setInterval(look, POLL_MS).unref()
    },
    stop() {
      clearInterval(timer)
      timer = undefined
    },
  }
}

/** Another one after each write: each makes a new file. */
function fingerprint(path: string): string | undefined {
  try {
    const { ino, mtimeNs, ctimeNs, size } = statSync(path, { bigint: true })
    return [ino, mtimeNs, ctimeNs, size].join()
  } catch {
    // There is none, or whoever reads it is told.
    return undefined
  }
}

import { readlinkSync, realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'

/**
 * Where a path leads to, also if there is nothing yet: all names of a file must lead to the same lock, and a symbolic
 * link is to be followed, not replaced.
 */
export function targetOf(path: string): string {
  try {
    return realpathSync(path)
  } catch (error) {
    if (Object(error).code !== 'ENOENT') throw error
  }
  const folder = dirname(path)
  const link = linkAt(path)
  if (link !== undefined) return targetOf(resolve(folder, link))
  return folder === path ? path : join(targetOf(folder), basename(path))
}

function linkAt(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}

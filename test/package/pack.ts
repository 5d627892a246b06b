import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'

export interface Packed {
  /** Where scratch projects go; it is removed after the tests. */
  folder: string
  /** The unpacked tarball. */
  contents: string
  /** The paths in the tarball, sorted. */
  files: string[]
  /** The size of the tarball, in bytes. */
  size: number
}

declare module 'vitest' {
  interface ProvidedContext {
    packed: Packed
  }
}

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
/** What a fresh clone does not have. */
const LEFT_OUT = ['node_modules', '.git', 'dist', 'scratch', 'coverage']

/** Packs the project once for all test files. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'axios-renew-package-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    project.provide('packed', await pack(folder))
  } catch (error) {
    await remove()
    throw error
  }
  return remove
}

/**
 * Builds and packs a copy of the project: what is left in `dist` from before cannot help, and whoever
 * uses `dist` at the same time is not disturbed.
 */
async function pack(folder: string): Promise<Packed> {
  const copy = join(folder, 'project')
  await cp(root, copy, { recursive: true, filter: (path) => !LEFT_OUT.includes(basename(path)) })
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))
  await run('npm', ['run', 'build', '--silent'], { cwd: copy })
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: copy })
  const [{ filename, files, size }] = JSON.parse(stdout)
  const contents = join(folder, 'contents')
  await mkdir(contents)
  await run('tar', ['-xzf', join(folder, filename), '--strip-components=1', '-C', contents])
  return { folder, contents, size, files: files.map(({ path }: { path: string }) => path).sort() }
}

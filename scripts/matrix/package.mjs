import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { installed, lastLines, root, run } from './cache.mjs'

/** What a fresh clone does not have. */
const LEFT_OUT = ['node_modules', '.git', 'dist', 'scratch', 'coverage']

/** A temporary folder; it is removed when the process ends. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'axios-renew-matrix-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Builds and packs a copy of the project, and gives the tarball. */
export function packed() {
  const folder = temporaryFolder()
  const copy = join(folder, 'project')
  cpSync(root, copy, { recursive: true, filter: (path) => !LEFT_OUT.includes(basename(path)) })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction')
  const built = run('npm', ['run', 'build', '--silent'], { cwd: copy })
  if (!built.ok) throw new Error(`The package could not be built: ${lastLines(built.output, 10)}`)
  const { ok, stdout, output } = run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: copy })
  if (!ok) throw new Error(`The package could not be packed: ${output}`)
  return join(folder, JSON.parse(stdout)[0].filename)
}

/**
 * Makes the project of an app that has installed the package and what it names, and gives its folder.
 *
 * @param base a folder with these packages in its node_modules.
 * @param programs what of test/package/smoke goes along, as `src`.
 */
export function app(tarball, base, programs = '.') {
  const folder = temporaryFolder()
  cpSync(join(base, 'package.json'), join(folder, 'package.json'))
  cpSync(join(base, 'node_modules'), join(folder, 'node_modules'), { recursive: true, verbatimSymlinks: true })
  const target = join(folder, 'node_modules/axios-renew')
  mkdirSync(target, { recursive: true })
  const { ok, output } = run('tar', ['-xzf', tarball, '--strip-components=1', '-C', target])
  if (!ok) throw new Error(`The package could not be unpacked: ${output}`)
  cpSync(join(root, 'test/package/smoke', programs), join(folder, 'src'), { recursive: true })
  return folder
}

/** A folder with all that the package declares, and nothing else. */
export function declared() {
  const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const specs = Object.entries({ ...dependencies, ...peerDependencies }).map(([name, range]) => `${name}@${range}`)
  return installed('declared', specs)
}

import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { inject } from 'vitest'

const run = promisify(execFile)
const ours = fileURLToPath(new URL('../../node_modules', import.meta.url))

interface Manifest {
  exports: Record<string, unknown>
  dependencies: Record<string, string>
  peerDependencies: Record<string, string>
}

/** The `package.json` that is published. */
export async function publishedManifest(): Promise<Manifest> {
  return JSON.parse(await readFile(join(inject('packed').contents, 'package.json'), 'utf8'))
}

/**
 * Makes the project of somebody who has installed the package: what it declares is there and nothing
 * else. Other packages are links to ours, so that no network is needed; the package itself is a copy,
 * because from behind a link it would find our whole `node_modules`.
 *
 * @param links further packages, or other ones: `{ axios: 'axios-oldest' }`; `null` leaves one out.
 */
export async function scratchProject(links: Record<string, string | null> = {}): Promise<string> {
  const { folder, contents } = inject('packed')
  const project = await mkdtemp(join(folder, 'scratch-'))
  const { dependencies, peerDependencies } = await publishedManifest()
  const declared = Object.keys({ ...dependencies, ...peerDependencies }).map((name): [string, string] => [name, name])
  await cp(contents, join(project, 'node_modules/axios-renew'), { recursive: true })
  for (const [name, target] of new Map([...declared, ...Object.entries(links)])) {
    const link = join(project, 'node_modules', name)
    await mkdir(dirname(link), { recursive: true })
    if (target) await symlink(join(ours, target), link)
  }
  return project
}

/** Runs a script in a project, and gives what it prints as JSON. A script that fails rejects with its output. */
export async function runScript(project: string, format: 'mjs' | 'cjs', code: string): Promise<unknown> {
  const script = join(project, `script-${crypto.randomUUID()}.${format}`)
  await writeFile(script, code)
  const { stdout } = await run(process.execPath, [script], { cwd: project, timeout: 30_000 })
  return JSON.parse(stdout)
}

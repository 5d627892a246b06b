import { spawnSync } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'

// npm and changesets are programs of some seconds each.
vi.setConfig({ testTimeout: 90_000 })

const folders: string[] = []

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

it('makes of changesets the next version, in both files of npm and in the changelog, and no tag', async () => {
  const project = await projectWith({ 'a.md': changeset('minor', 'Something new.'), 'b.md': changeset('patch', 'A mistake less.') })
  project.run('node', 'scripts/release-version.mjs')
  expect(await project.versions()).toEqual(['0.1.0', '0.1.0', '0.1.0'])
  expect(await project.read('CHANGELOG.md')).toMatch(
    /^# Changelog\n\nOf all releases\.\n\n## 0\.1\.0\n\n### Minor Changes\n\n- \S*:? ?Something new\.\n\n### Patch Changes\n\n- \S*:? ?A mistake less\.\n$/,
  )
  expect((await readdir(join(project.folder, '.changeset'))).sort()).toEqual(['README.md', 'config.json'])
  expect(project.run('git', 'tag')).toBe('')
})

it('puts a release above the ones before it, below what is said of all', async () => {
  const project = await projectWith({ 'a.md': changeset('minor', 'Something new.') })
  project.run('node', 'scripts/release-version.mjs')
  await writeFile(join(project.folder, '.changeset/b.md'), changeset('patch', 'A mistake less.'))
  project.run('node', 'scripts/release-version.mjs')
  const changelog = await project.read('CHANGELOG.md')
  expect(changelog.match(/^#.*|^Of all.*/gm)).toEqual([
    '# Changelog',
    'Of all releases.',
    '## 0.1.1',
    '### Patch Changes',
    '## 0.1.0',
    '### Minor Changes',
  ])
})

it('can read what is to be released next', async () => {
  const project = await projectWith({})
  await cp('.changeset', join(project.folder, '.changeset'), { recursive: true })
  project.run('node', 'scripts/release-version.mjs')
  expect((await readdir(join(project.folder, '.changeset'))).sort()).toEqual(['README.md', 'config.json'])
})

it('wants a changeset for a change of the sources, an empty one will do, and none for a change of the docs', async () => {
  const project = await projectWith({})
  const status = () => project.run('node', 'node_modules/@changesets/cli/bin.js', 'status', '--since=main')
  project.run('git', 'checkout', '--quiet', '-b', 'topic')
  await project.commit('README.md', 'other words')
  expect(status()).toMatch(/NO packages to be bumped/)
  await project.commit('src/index.ts', 'export const other = 1\n')
  expect(status).toThrow(/Some packages have been changed but no changesets were found/)
  await project.commit('.changeset/none.md', '---\n---\n')
  expect(status()).toMatch(/NO packages to be bumped/)
})

const changeset = (bump: string, text: string) => `---\n'axios-renew': ${bump}\n---\n\n${text}\n`

/** A repository with our set-up of changesets, of a package that was never released. */
async function projectWith(changesets: Record<string, string>) {
  const folder = await mkdtemp(join(tmpdir(), 'axios-renew-changesets-'))
  folders.push(folder)
  const at = (path: string) => join(folder, path)
  const read = (path: string) => readFile(at(path), 'utf8')
  function run(command: string, ...args: string[]): string {
    const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } })
    if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stdout}${stderr}`)
    return stdout + stderr
  }
  const git = (...args: string[]) => run('git', '-c', 'user.name=test', '-c', 'user.email=test@example.com', ...args)

  for (const path of ['.changeset/config.json', '.changeset/README.md', 'scripts/release-version.mjs']) await cp(path, at(path))
  for (const [name, text] of Object.entries(changesets)) await writeFile(at(`.changeset/${name}`), text)
  const manifest = { name: 'axios-renew', version: '0.0.0' }
  await writeFile(at('package.json'), JSON.stringify(manifest))
  await writeFile(at('package-lock.json'), JSON.stringify({ ...manifest, lockfileVersion: 3, packages: { '': manifest } }))
  await writeFile(at('CHANGELOG.md'), '# Changelog\n\nOf all releases.\n')
  await cp('src/index.ts', at('src/index.ts'))
  await writeFile(at('.gitignore'), 'node_modules\n')
  await symlink(join(process.cwd(), 'node_modules'), at('node_modules'))
  git('init', '--quiet', '--initial-branch=main', '.')
  git('add', '.')
  git('commit', '--quiet', '--message=begin')

  return {
    folder,
    read,
    run,
    async commit(path: string, text: string) {
      await writeFile(at(path), text)
      git('add', '.')
      git('commit', '--quiet', '--message=change')
    },
    async versions() {
      const lock = JSON.parse(await read('package-lock.json'))
      return [JSON.parse(await read('package.json')).version, lock.version, lock.packages[''].version]
    },
  }
}

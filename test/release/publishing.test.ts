import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readYaml, stepsOf, type Workflow } from './github-files.ts'

const steps = stepsOf(readYaml('.github/workflows/publish.yml') as Workflow)
/** How npm tells that there is no such version. */
const E404 = 'echo "npm error code E404" >&2; exit 1'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'axios-renew-publishing-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('names the repository before it packs, as a provenance asks for', () => {
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'axios-renew', version: '0.1.0' }))
  runStep('Name the repository', { GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: 'somebody/axios-renew' })
  expect(JSON.parse(read('package.json'))).toMatchObject({
    repository: { type: 'git', url: 'git+https://github.com/somebody/axios-renew.git' },
    bugs: { url: 'https://github.com/somebody/axios-renew/issues' },
  })
  const names = steps.map(({ name }) => name)
  expect(names.indexOf('Name the repository')).toBeLessThan(names.indexOf('Publish'))
})

it('publishes with a provenance, by no token where there is none', () => {
  fake('npm')
  runStep('Publish', { NPM_TOKEN: '' })
  expect(read('npm.log')).toBe('publish --provenance --access public\n')
})

it('writes a token down by its name only', () => {
  fake('npm', 'https://registry.example/')
  runStep('Publish', { NPM_TOKEN: 'not-to-be-seen' })
  expect(read('npm.log').split('\n')).toEqual([
    'config get registry',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: npm reads it so.
    'config set //registry.example/:_authToken ${NPM_TOKEN}',
    'publish --provenance --access public',
    '',
  ])
})

it.each([
  { what: 'a version that this push has brought', version: '0.1.0', before: '0.0.0', said: E404, output: 'version=0.1.0\n' },
  { what: 'it also where npm says nothing at all', version: '0.1.0', before: '0.0.0', said: '', output: 'version=0.1.0\n' },
  { what: 'not what is on the registry', version: '0.1.0', before: '0.0.0', said: 'echo 0.1.0', output: '' },
  { what: 'not what another push has brought', version: '0.1.0', before: '0.1.0', said: E404, output: '' },
  { what: 'nothing before there is a version', version: '0.0.0', before: undefined, said: E404, output: '' },
  { what: 'the version of the first push of all', version: '0.1.0', before: undefined, said: E404, output: 'version=0.1.0\n' },
])('publishes or not: $what', ({ version, before, said, output }) => {
  const { status, stdout } = lookFor(version, before, said)
  expect(status).toBe(0)
  expect(read('output')).toBe(output)
  expect(stdout.includes('::warning::0.1.0 has not been published yet')).toBe(before === version)
})

it('does not take a registry that cannot be asked for one that has no such version', () => {
  expect(lookFor('0.1.0', '0.0.0', 'echo "npm error code E503" >&2; exit 1')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('E503'),
  })
  expect(read('output')).toBe('')
})

it.each([
  { head: 'abc', output: 'newest=true\n' },
  { head: 'def', output: '' },
])('leaves the pull request alone when main has moved on: $head', ({ head, output }) => {
  fake('git', `${head}\trefs/heads/main`)
  runStep('Look whether main has moved on', { GITHUB_SHA: 'abc', GITHUB_OUTPUT: join(folder, 'output') })
  expect(read('output')).toBe(output)
})

it('makes one tag, of the commit that was published, with that part of the changelog', () => {
  writeFileSync(join(folder, 'CHANGELOG.md'), '# Changelog\n\n## 0.2.0\n\n### Minor Changes\n\n- New.\n\n## 0.1.0\n\n- Old.\n')
  fake('gh')
  const env = { VERSION: '0.2.0', GITHUB_REPOSITORY: 'somebody/axios-renew', GITHUB_SHA: 'abc', RUNNER_TEMP: folder }
  runStep('Tag it, with the part of the changelog that is about it', env)
  expect(read('gh.log')).toBe(
    `release create v0.2.0 --repo somebody/axios-renew --target abc --title v0.2.0 --notes-file ${folder}/notes.md\n`,
  )
  expect(read('notes.md')).toBe('\n### Minor Changes\n\n- New.\n\n')
})

const read = (name: string) => readFileSync(join(folder, name), 'utf8')

/** A program that writes down how it was called, and prints one line. */
function fake(name: string, line = ''): void {
  fakeScript(name, `echo "${line}"`)
}

function fakeScript(name: string, does: string): void {
  const path = join(folder, name)
  writeFileSync(path, `#!/bin/sh\necho "$@" >> "${folder}/${name}.log"\n${does}\n`)
  chmodSync(path, 0o755)
}

/** Looks whether a version has to be published. `before` was in package.json before the push, `said` is what the registry says. */
function lookFor(version: string, before: string | undefined, said: string) {
  fakeScript('npm', `if [ "$1" = view ]; then ${said || ':'}; else echo '"${version}"'; fi`)
  const manifest = JSON.stringify({ name: 'axios-renew', version: before }, null, 2)
  fakeScript('git', before ? `[ "$*" = "show abc:package.json" ] && echo '${manifest}'` : 'exit 128')
  return tryStep('Look whether this version has been published', {
    BEFORE: 'abc',
    GITHUB_OUTPUT: join(folder, 'output'),
    RUNNER_TEMP: folder,
  })
}

/** Runs a step of the workflow, which has to succeed. */
function runStep(wanted: string, env: Record<string, string>): void {
  const { status, stderr } = tryStep(wanted, env)
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' })
}

/** Runs a step of the workflow as GitHub does. */
function tryStep(wanted: string, env: Record<string, string>) {
  writeFileSync(join(folder, 'output'), '')
  const { run = '' } = steps.find(({ name }) => name === wanted) ?? {}
  expect(run).not.toBe('')
  return spawnSync('bash', ['-eo', 'pipefail', '-c', run], {
    cwd: folder,
    env: { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}`, ...env },
    encoding: 'utf8',
  })
}

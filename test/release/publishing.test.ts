import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readYaml, stepsOf, type Workflow } from './github-files.ts'

const steps = stepsOf(readYaml('.github/workflows/publish.yml') as Workflow)
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
  { hasChangesets: 'false', version: '0.1.0', onRegistry: '', unpublished: 'unpublished=0.1.0\n' },
  { hasChangesets: 'false', version: '0.1.0', onRegistry: '0.1.0', unpublished: '' },
  { hasChangesets: 'true', version: '0.1.0', onRegistry: '', unpublished: '' },
  { hasChangesets: 'false', version: '0.0.0', onRegistry: '', unpublished: '' },
])('publishes $version or not: changesets left $hasChangesets, on the registry "$onRegistry"', ({ hasChangesets, version, ...rest }) => {
  fake('npm', `$([ "$1" = view ] && echo '${rest.onRegistry}' || echo '"${version}"')`)
  runStep('Look whether this version has been published', { HAS_CHANGESETS: hasChangesets, GITHUB_OUTPUT: join(folder, 'output') })
  expect(read('output')).toBe(rest.unpublished)
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
  const path = join(folder, name)
  writeFileSync(path, `#!/bin/sh\necho "$@" >> "${folder}/${name}.log"\necho "${line}"\n`)
  chmodSync(path, 0o755)
}

/** Runs a step of the workflow as GitHub does. */
function runStep(wanted: string, env: Record<string, string>): void {
  writeFileSync(join(folder, 'output'), '')
  const { run = '' } = steps.find(({ name }) => name === wanted) ?? {}
  expect(run).not.toBe('')
  const { status, stderr } = spawnSync('bash', ['-eo', 'pipefail', '-c', run], {
    cwd: folder,
    env: { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}`, ...env },
    encoding: 'utf8',
  })
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' })
}

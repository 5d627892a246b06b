import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { commandsOf, readFolder, readYaml, stepsOf, type Workflow } from './github-files.ts'

const workflows = readFolder<Workflow>('.github/workflows')
const manifest = JSON.parse(readFileSync('package.json', 'utf8'))
const workflow = (name: string) => workflows.get(name) as Workflow

it('finds the workflows', () => {
  expect([...workflows.keys()].sort()).toEqual(['ci.yml', 'pages.yml', 'publish.yml'])
})

describe.each([...workflows])('%s', (file, workflow) => {
  const commands = commandsOf(workflow)

  it('names npm scripts that exist', () => {
    const named = commands.flatMap((command) => [...command.matchAll(/\bnpm run ([\w:-]+)/g)].map(([, script]) => script))
    expect(named.filter((script) => !Object.hasOwn(manifest.scripts, String(script)))).toEqual([])
  })

  it('names files and workflows that exist', () => {
    const inCommands = commands.flatMap((command) => command.match(/(?<=^|\s)(\.ci|scripts|test|docs|\.github)\/[\w./-]+/g) ?? [])
    const used = [...Object.values(workflow.jobs), ...stepsOf(workflow)].flatMap(({ uses }) => (uses?.startsWith('./') ? [uses] : []))
    expect([...inCommands, ...used].filter((path) => !existsSync(path))).toEqual([])
  })

  it('runs actions of others by their commit, with the version beside it', () => {
    const text = readFileSync(`.github/workflows/${file}`, 'utf8')
    const uses = [...text.matchAll(/\buses: (?!\.\/)(.*)/g)].map(([, action]) => action)
    expect(uses.filter((action) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+/.test(String(action)))).toEqual([])
  })

  it('has no right but those that each job asks for', () => {
    expect(workflow.permissions === undefined ? 'all' : Object.values(workflow.permissions)).toSatisfy(
      (rights) => Array.isArray(rights) && rights.every((right) => right === 'read'),
    )
  })

  it('puts nothing that others can write into a command', () => {
    // A branch may be called `$(curl evil)`: such values go through the environment.
    expect(commands.filter((command) => command.includes('${{'))).toEqual([])
  })

  it('leaves no credentials in the checkout where code of others runs', () => {
    for (const { steps = [], permissions } of Object.values(workflow.jobs)) {
      const [checkout] = steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'))
      // The job that makes the pull request of a release pushes its branch.
      if (checkout && permissions?.['pull-requests'] !== 'write') expect(checkout.with?.['persist-credentials']).toBe(false)
    }
  })
})

describe('ci', () => {
  it('runs the tests on every version of Node that is supported, and the whole check once', () => {
    const { tests, check } = workflow('ci.yml').jobs
    expect(tests?.strategy?.matrix.node).toEqual([20, 22, 24, 26])
    expect(manifest.engines.node).toBe('>=20')
    expect(tests?.steps?.map(({ run }) => run).filter(Boolean)).toEqual(['npm ci', 'npm test'])
    expect(check?.steps?.map(({ run }) => run).filter(Boolean)).toEqual(['.ci/run'])
    // Where the tests get what they need by themselves.
    for (const job of [tests, check]) expect(job?.container).toMatch(/^node:.*-bookworm$/)
  })

  it('runs for pull requests, and before anything is published', () => {
    expect(Object.keys(workflow('ci.yml').on)).toEqual(expect.arrayContaining(['pull_request', 'workflow_call']))
    const { jobs } = workflow('publish.yml')
    expect(jobs.check?.uses).toBe('./.github/workflows/ci.yml')
    expect(jobs).toMatchObject({
      unpublished: { needs: 'check' },
      publish: { needs: 'unpublished', if: 'needs.unpublished.outputs.version' },
      tag: { needs: ['unpublished', 'publish'] },
    })
  })
})

it('lets only two jobs prove who they are, each behind an environment', () => {
  const proving = [...workflows.values()].flatMap(({ jobs }) => Object.entries(jobs).filter(([, job]) => job.permissions?.['id-token']))
  expect(proving.map(([name]) => name).sort()).toEqual(['deploy', 'publish'])
  for (const [, { environment }] of proving) expect(environment).toBeTruthy()
})

it('deploys pages in a job that runs no code of others', () => {
  expect(workflow('pages.yml').jobs.deploy?.steps?.map(({ uses }) => uses?.split('@')[0])).toEqual(['actions/deploy-pages'])
})

it('gives the right to write to no job of a fork', () => {
  for (const { jobs } of workflows.values()) {
    const isOn = (name: string): boolean => jobs[name]?.if === "vars.RELEASES == 'on'" || [jobs[name]?.needs ?? []].flat().some(isOn)
    const writing = Object.keys(jobs).filter((name) => Object.values(jobs[name]?.permissions ?? {}).includes('write'))
    expect(writing.filter((name) => !isOn(name))).toEqual([])
  }
})

it('drops no run that may have to publish', () => {
  // Of those that wait in a group GitHub keeps one.
  const { jobs, concurrency } = workflow('publish.yml')
  expect([concurrency, ...['unpublished', 'publish', 'tag'].map((name) => jobs[name]?.concurrency)]).toEqual(Array(4).fill(undefined))
  expect(workflow('ci.yml').concurrency).toMatchObject({ group: expect.stringContaining("'pull_request' && github.ref || github.run_id") })
})

it('keeps tools in their old major version where the new one does not run on Node 20', () => {
  const { updates } = readYaml('.github/dependabot.yml') as {
    updates: { ignore: { 'dependency-name': string; 'update-types'?: string[] }[] }[]
  }
  const held = updates.flatMap(({ ignore }) => ignore.map((rule) => rule['dependency-name']))
  expect(held).toEqual(expect.arrayContaining(['vitest', 'msw', 'size-limit', 'typescript', 'changesets/action']))
  expect(manifest.devDependencies['@changesets/cli']).toMatch(/^2\./)
  // Before 1.0 a minor version may break, as a major one later.
  const rules = updates.flatMap(({ ignore }) => ignore)
  expect(rules).toContainEqual({
    'dependency-name': 'typedoc',
    'update-types': ['version-update:semver-major', 'version-update:semver-minor'],
  })
})

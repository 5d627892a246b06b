import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseDocument } from 'yaml'

export interface Step {
  name?: string
  uses?: string
  run?: string
  with?: Record<string, unknown>
  env?: Record<string, string>
}

export interface Job {
  uses?: string
  if?: string
  needs?: string | string[]
  concurrency?: unknown
  steps?: Step[]
  container?: string
  environment?: unknown
  permissions?: Record<string, string>
  strategy?: { matrix: Record<string, unknown[]> }
}

export interface Workflow {
  name: string
  on: Record<string, unknown>
  permissions?: Record<string, string>
  concurrency?: unknown
  jobs: Record<string, Job>
}

/** Reads YAML as strictly as GitHub does: a key that is there twice, or a tab, is an error. */
export function readYaml(path: string): unknown {
  const document = parseDocument(readFileSync(path, 'utf8'), { strict: true, uniqueKeys: true })
  const [problem] = [...document.errors, ...document.warnings]
  if (problem) throw new Error(`${path}: ${problem.message}`)
  return document.toJS()
}

/** The YAML files of a folder, by name. */
export function readFolder<T>(folder: string): Map<string, T> {
  return new Map(readdirSync(folder).map((name) => [basename(name), readYaml(join(folder, name)) as T]))
}

/** All steps of a workflow. */
export function stepsOf({ jobs }: Workflow): Step[] {
  return Object.values(jobs).flatMap(({ steps = [] }) => steps)
}

/** What the shell is told to do, a line each, without comments. */
export function commandsOf(workflow: Workflow): string[] {
  return stepsOf(workflow)
    .flatMap(({ run = '', with: inputs = {} }) => [...run.split('\n'), ...(typeof inputs.version === 'string' ? [inputs.version] : [])])
    .map((line) => line.replace(/(^|\s)#.*/, '').trim())
    .filter(Boolean)
}

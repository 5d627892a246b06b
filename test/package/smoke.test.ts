import { spawn } from 'node:child_process'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { scratchProject } from './scratch-project.ts'

/*
 * What `npm run matrix` runs in Bun, Deno and other versions of Node, here in this one: so that the programs themselves stay right.
 */

/** Runs a program of the smoke test; one that does not end by itself is stopped, and has failed. */
async function smoke(project: string, name: string): Promise<{ status: number | null; failed: unknown[]; passed: number }> {
  const program = spawn(process.execPath, [join('smoke', name)], { cwd: project, timeout: 60_000, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<number | null>((resolve) => program.once('close', resolve))
  const [status, said, complaints] = await Promise.all([ended, text(program.stdout), text(program.stderr)])
  const checks = said.split('\n').filter((line) => line.startsWith('{"check"'))
  const results = checks.map((line): { ok: boolean } => JSON.parse(line))
  const failed: unknown[] = results.filter(({ ok }) => !ok)
  return { status, failed: complaints ? [...failed, complaints] : failed, passed: results.length - failed.length }
}

async function projectOn(axios: string): Promise<string> {
  const project = await scratchProject({ axios })
  await cp(join(import.meta.dirname, 'smoke'), join(project, 'smoke'), { recursive: true })
  return project
}

describe.each(['axios', 'axios-oldest'])('with %s', (axios) => {
  it.each([
    ['entries.mjs', 11],
    ['entries.cjs', 3],
    ['clients.mjs', 9],
    ['sessions.mjs', 8],
    ['stores.mjs', 3],
  ])('%s holds, and ends by itself', async (name, checks) => {
    expect(await smoke(await projectOn(axios), name)).toEqual({ status: 0, failed: [], passed: checks })
  })
})

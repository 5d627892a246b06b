import { spawnSync } from 'node:child_process'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, inject, it } from 'vitest'

/** The copy of the project that was built and packed. */
const project = join(inject('packed').folder, 'project')

const report = (...options: string[]) =>
  spawnSync(process.execPath, ['scripts/api-report.mjs', ...options], { cwd: project, encoding: 'utf8' })

it('publishes the types that docs/api-report shows', () => {
  const { status, stderr } = report()
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})

it('refuses another signature, a member less and an addition to the types of axios, and shows them', async () => {
  await cp(join(project, 'dist'), join(project, 'dist-changed'), { recursive: true })
  await change('index.d.mts', 'declare function memoryStore(): TokenStore', 'declare function memoryStore(size?: number): TokenStore')
  await change('index.d.mts', '        renew?: RenewRequestConfig;', '        renew: RenewRequestConfig;')
  await change('chunks/core.d.mts', '    signOut(): Promise<void>;', '')
  const { status, stderr } = report('--dist', 'dist-changed')
  expect(status).toBe(1)
  expect(stderr.match(/^[-+] .*|^[-+]export .*/gm)).toEqual([
    '-export function memoryStore(): TokenStore;',
    '+export function memoryStore(size?: number): TokenStore;',
    '-    signOut(): Promise<void>;',
    '-        renew?: RenewRequestConfig;',
    '+        renew: RenewRequestConfig;',
  ])
  expect(stderr).toContain('committed/axios-renew.txt')
  expect(stderr).not.toContain(project)
})

async function change(file: string, from: string, to: string): Promise<void> {
  const path = join(project, 'dist-changed', file)
  const text = await readFile(path, 'utf8')
  expect(text).toContain(from)
  await writeFile(path, text.replace(from, to))
}

import { execFile } from 'node:child_process'
import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, it } from 'vitest'
import { scratchProject } from './scratch-project.ts'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

/** Ways of resolving the package, and the libraries that go with them. */
const WAYS = {
  node16: {
    files: ['consumer.mts', 'consumer.cts'],
    // Without the DOM: servers have none.
    options: { module: 'node16', lib: ['es2022'], types: ['node'] },
  },
  bundler: {
    files: ['consumer.ts'],
    options: { module: 'esnext', moduleResolution: 'bundler', lib: ['es2022', 'dom', 'dom.iterable'], types: [] },
  },
  // What CommonJS projects have where nobody chose: it knows no `exports`, only `typesVersions`. Gone in TypeScript 7.
  node10: {
    files: ['consumer.ts'],
    options: { module: 'commonjs', moduleResolution: 'node', lib: ['es2022', 'dom', 'dom.iterable'], types: [] },
  },
}

const CASES: [typescript: string, way: keyof typeof WAYS, axios: string][] = [
  ['typescript-5.0', 'node16', 'axios'],
  ['typescript-5.0', 'bundler', 'axios'],
  ['typescript-5.0', 'node10', 'axios'],
  ['typescript-5.0', 'node16', 'axios-oldest'],
  ['typescript-5.4', 'node16', 'axios'],
  ['typescript-5.4', 'bundler', 'axios'],
  ['typescript-5.9', 'node16', 'axios'],
  ['typescript-5.9', 'bundler', 'axios'],
  ['typescript-5.9', 'node10', 'axios'],
  ['typescript', 'node16', 'axios'],
  ['typescript', 'bundler', 'axios'],
  ['typescript-7.0', 'node16', 'axios'],
  ['typescript-7.0', 'bundler', 'axios'],
  ['typescript-7.0', 'node16', 'axios-oldest'],
  ['typescript-7.0', 'bundler', 'axios-oldest'],
]

async function compile(typescript: string, way: keyof typeof WAYS, axios: string): Promise<string> {
  const { files, options } = WAYS[way]
  const project = await scratchProject({ axios, '@types/node': '@types/node' })
  for (const file of files) await copyFile(path('consumer.ts'), join(project, file))
  // Nothing is filtered out: axios' own declarations compile under all of these, without skipLibCheck too.
  const compilerOptions = { target: 'es2022', strict: true, skipLibCheck: false, esModuleInterop: true, noEmit: true, ...options }
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
  const tsc = path(`../../node_modules/${typescript}/bin/tsc`)
  return new Promise((resolve) =>
    execFile(process.execPath, [tsc, '--pretty', 'false'], { cwd: project }, (_, stdout, stderr) => resolve(stdout + stderr)),
  )
}

describe.concurrent.each(CASES)('%s, resolving as %s, beside %s', (typescript, way, axios) => {
  it('accepts what is right and refuses what is wrong', async ({ expect }) => {
    expect(await compile(typescript, way, axios)).toBe('')
  })
})

import { execFile } from 'node:child_process'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, inject, it, vi } from 'vitest'
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

type Way = keyof typeof WAYS

const CASES: [typescript: string, beside: Partial<Record<'axios' | 'axios-oldest', Way[]>>][] = [
  ['typescript-5.0', { axios: ['node16', 'bundler', 'node10'], 'axios-oldest': ['node16'] }],
  ['typescript-5.4', { axios: ['node16', 'bundler'] }],
  ['typescript-5.9', { axios: ['node16', 'bundler', 'node10'] }],
  ['typescript', { axios: ['node16', 'bundler'] }],
  ['typescript-7.0', { axios: ['node16', 'bundler'], 'axios-oldest': ['node16', 'bundler'] }],
]

// A compiler keeps a processor busy, and few machines have less than two.
vi.setConfig({ maxConcurrency: 2 })

/** Each way is a project of its own; one compiler builds them all, as it takes long to get going. */
async function compile(typescript: string, projects: string[]): Promise<string[]> {
  const tsc = path(`../../node_modules/${typescript}/bin/tsc`)
  const options = { cwd: inject('packed').folder }
  const output = await new Promise<string>((resolve) =>
    execFile(process.execPath, [tsc, '--build', '--pretty', 'false', ...projects], options, (_, stdout, stderr) =>
      resolve(stdout + stderr),
    ),
  )
  return output.trim().split('\n')
}

/** Gives its path within the folder of all scratch projects, as the compiler names it. */
async function makeProject(scratch: string, way: Way): Promise<string> {
  const { files, options } = WAYS[way]
  const project = join(scratch, way)
  await mkdir(project)
  for (const file of files) await copyFile(path('consumer.ts'), join(project, file))
  await writeFile(join(project, 'mistake.ts'), "export const mistake: 'found' = 'missed'")
  const compilerOptions = {
    target: 'es2022',
    strict: true,
    // Nothing is filtered out: axios' own declarations compile under all of these too.
    skipLibCheck: false,
    // Except for what TypeScript brings itself: it takes half of the time, and the package declares nothing global.
    skipDefaultLibCheck: true,
    esModuleInterop: true,
    noEmit: true,
    ...options,
  }
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [...files, 'mistake.ts'] }))
  return `${basename(scratch)}/${way}`
}

describe.concurrent.each(CASES)('%s, beside %j', (typescript, beside) => {
  it('accepts what is right and refuses what is wrong', async ({ expect }) => {
    const projects: string[] = []
    for (const [axios, ways] of Object.entries(beside)) {
      const scratch = await scratchProject({ axios, '@types/node': '@types/node' })
      for (const way of ways) projects.push(await makeProject(scratch, way))
    }
    // The mistake shows that the project was compiled, and that an error would have been seen.
    const error = `mistake.ts(1,14): error TS2322: Type '"missed"' is not assignable to type '"found"'.`
    expect((await compile(typescript, projects)).sort()).toEqual(projects.map((project) => `${project}/${error}`).sort())
  })
})

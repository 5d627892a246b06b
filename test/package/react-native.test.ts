import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import { build } from 'esbuild'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { scratchProject } from './scratch-project.ts'

/*
 * No phone is needed for this, nor anything from a registry: a bundle as Metro's, in a context that has as little as React Native.
 * `npm run matrix -- --runtime react-native` takes Metro, Babel, Hermes and the globals of React Native itself.
 */

interface Result {
  check: string
  ok: boolean
  why?: string
}

let bundle: { code: string; inputs: string[] }
beforeAll(async () => {
  const scratch = await scratchProject()
  await cp(join(import.meta.dirname, 'smoke/react-native'), join(scratch, 'src'), { recursive: true })
  const entry = join(scratch, 'src/entry.js')
  await writeFile(entry, `import './poor-globals.js'; import { run } from './app.js'; run(report).then(finished)`)
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    platform: 'neutral',
    format: 'iife',
    conditions: ['react-native'],
    mainFields: ['react-native', 'browser', 'module', 'main'],
    write: false,
    metafile: true,
    outdir: scratch,
    logLevel: 'error',
  })
  const inputs = Object.keys(metafile.inputs).map((path) => path.replace(/^.*node_modules\//, ''))
  bundle = { code: outputFiles.map(({ text }) => text).join('\n'), inputs }
})

it('gets nothing of Node', () => {
  expect(bundle.inputs).toContain('axios-renew/dist/platform.react-native.mjs')
  expect(bundle.inputs).not.toContain('axios-renew/dist/platform.node.mjs')
  expect(bundle.code).not.toMatch(/['"]node:/)
})

it('gets no syntax that the Babel preset of React Native leaves alone', async () => {
  const { contents, files } = inject('packed')
  const code = await Promise.all(files.filter((path) => /\.[cm]js$/.test(path)).map((path) => readFile(join(contents, path), 'utf8')))
  expect(code.length).toBeGreaterThan(20)
  for (const text of code) expect(text).not.toMatch(/\bstatic\s*\{/)
})

/** Everything that the context has besides the language itself. */
const hostOf = (reactNative: string) => ({
  reactNative,
  setTimeout,
  clearTimeout,
  queueMicrotask,
  performance: { now: () => performance.now() },
  atob,
  btoa,
  console,
  ...(reactNative === 'with a polyfill' && { URL }),
})

describe.each(['0.79', '0.80', 'with a polyfill'])('with the URL of React Native %s', (reactNative) => {
  it('an app does what it does elsewhere', async () => {
    const results: Result[] = []
    await new Promise((finished) => {
      const context = createContext({ ...hostOf(reactNative), report: (result: Result) => results.push(result), finished })
      runInContext(bundle.code, context)
    })
    expect(results.length).toBeGreaterThanOrEqual(18)
    expect(results.filter(({ ok }) => !ok)).toEqual([])
  })
})

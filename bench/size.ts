import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

/** What a part of an app weighs in a page: minified and gzipped, in bytes. */
export interface Size {
  name: string
  /** What was bundled. */
  what: string
  /** Its own code. */
  own: number
  /** With what it depends on, but for axios. */
  all: number
  /** What that is. */
  dependencies: readonly string[]
}

interface Bundled {
  name: string
  /** What is imported, by module. */
  from: Readonly<Record<string, string>>
  /** What the table says of it; default: what is imported. */
  what?: string
  dependencies?: readonly string[]
}

const OURS = { dependencies: ['async-mutex', 'axios-retry'] }

const BUNDLED: readonly Bundled[] = [
  { ...OURS, name: 'axios-renew', from: { './dist/index.mjs': 'attach, createSession' } },
  {
    ...OURS,
    name: 'axios-renew, with webStore',
    from: { './dist/index.mjs': 'attach, createSession', './dist/browser.mjs': 'webStore' },
  },
  { ...OURS, name: 'axios-renew/fetch', from: { './dist/fetch.mjs': 'authFetch, createSession' } },
  { ...OURS, name: 'axios-renew/fetch, the session alone', from: { './dist/fetch.mjs': 'createSession' } },
  { name: 'axios-jwt', from: { 'axios-jwt': 'applyAuthTokenInterceptor, setAuthTokens' }, dependencies: ['jwt-decode', 'ms'] },
  { name: 'axios-auth-refresh-queue', from: { 'axios-auth-refresh-queue': 'applyAuthTokenInterceptor' } },
  { name: 'axios-auth-refresh', from: { 'axios-auth-refresh': 'createAuthRefresh' } },
  {
    name: 'hand-written shared promise',
    from: { './bench/contestants/shared-promise.ts': 'sharedPromise' },
    what: 'bench/contestants/shared-promise.ts',
  },
]

/** Bundles this library and the others in the same way: as `npm run size` does. */
export function measureSizes(): Promise<Size[]> {
  return Promise.all(BUNDLED.map((entry) => sizeOf(entry)))
}

async function sizeOf({ name, from, what = Object.values(from).join(', '), dependencies = [] }: Bundled): Promise<Size> {
  const contents = Object.entries(from)
    .map(([module, imports]) => `export { ${imports} } from '${module}'`)
    .join('\n')
  const all = await bundle(contents, [])
  // Only those that are in it when they may be.
  const used = dependencies.filter((dependency) => all.inputs.some((path) => path.includes(`node_modules/${dependency}/`)))
  const own = used.length > 0 ? await bundle(contents, used) : all
  return { name, what, own: own.bytes, all: all.bytes, dependencies: used }
}

async function bundle(contents: string, apart: readonly string[]): Promise<{ bytes: number; inputs: string[] }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: process.cwd(), loader: 'ts' },
    bundle: true,
    minify: true,
    format: 'esm',
    write: false,
    metafile: true,
    external: ['axios', '@react-native-async-storage/async-storage', ...apart],
    // `#platform` is resolved as in an app, by package.json.
    tsconfigRaw: '{}',
    logLevel: 'error',
  })
  const bytes = outputFiles.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0)
  return { bytes, inputs: Object.keys(metafile.inputs) }
}

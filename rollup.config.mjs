import { rmSync } from 'node:fs'
import typescript from '@rollup/plugin-typescript'
import dts from 'rollup-plugin-dts'

/** The entries that users import; `exports` in package.json names the same ones. */
const ENTRIES = ['index', 'browser', 'encryption', 'fetch', 'file', 'opentelemetry', 'postgres', 'providers', 'redis', 'testing']
/** What `#platform` stands for, by platform; see `imports` in package.json. */
const PLATFORM_MODULES = ['platform', 'platform.node', 'platform.react-native']
/**
 * What entries share. Named by hand: rollup would name a chunk after any one of its modules.
 * What `platform.node` needs is apart, as the rest of the core needs `platform.node`.
 */
const CHUNKS = [
  ['errors', /\/src\/core\/(errors\/|wait\.ts|clock\.ts|send\/spare-request\.ts)/],
  ['core', /\/src\/core\//],
  ['oauth2', /\/src\/token-endpoints\/oauth2\//],
  ['stores', /\/src\/stores\/(shared|memory)\//],
]

// #platform stays an import of the package itself, so that the platform of the user decides and not ours.
const external = ['@opentelemetry/api', 'axios', 'axios-retry', 'async-mutex', 'proper-lockfile', '#platform', /^node:/]
const tsconfig = 'tsconfig.build.json'

const inputs = (folder, names) => Object.fromEntries(names.map((name) => [name, `src/${folder}${name}.ts`]))

const output = (extension, chunks = CHUNKS) => ({
  dir: 'dist',
  entryFileNames: `[name].${extension}`,
  // Without a hash: the list of files in the package is reviewed, and should change only when it means something.
  chunkFileNames: `chunks/[name].${extension}`,
  manualChunks: (id) => chunks.find(([, folder]) => folder.test(id))?.[0],
  hoistTransitiveImports: false,
  minifyInternalExports: false,
})

// A bundle that is only nearly right must not be published: no warning is passed over.
const onwarn = (warning) => {
  throw new Error(warning.message, { cause: warning })
}

const clearDist = {
  name: 'clear-dist',
  buildStart: () => rmSync('dist', { recursive: true, force: true }),
}

export default [
  {
    input: { ...inputs('', ENTRIES), ...inputs('platform/', PLATFORM_MODULES) },
    external,
    onwarn,
    // What the comments say is for those who read the sources; the declarations keep theirs.
    plugins: [clearDist, typescript({ tsconfig, removeComments: true })],
    output: [
      { ...output('mjs'), format: 'es' },
      // axios-retry marks its CommonJS build with __esModule: its default import is a property there.
      { ...output('cjs'), format: 'cjs', interop: 'auto' },
    ],
  },
  {
    input: inputs('', ENTRIES),
    external,
    onwarn,
    plugins: [dts({ tsconfig })],
    output: [output('d.mts', [['core', /\/src\/core\//]]), output('d.cts', [['core', /\/src\/core\//]])],
  },
]

import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

/** Makes one script of a page, from its first file on. */
export async function bundle(entry: URL): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(entry)],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    jsx: 'automatic',
    sourcemap: 'inline',
    // In this repository the names by which users import are the sources; an app needs none of these lines.
    tsconfig: path('../../tsconfig.json'),
    alias: {
      '#platform': path('../../src/platform/platform.ts'),
      // With the compiler of templates.
      vue: path('../../node_modules/vue/dist/vue.esm-bundler.js'),
    },
    define: {
      // React and Vue say more when something is wrong, and StrictMode does its work.
      'process.env.NODE_ENV': '"development"',
      __VUE_OPTIONS_API__: 'false',
      __VUE_PROD_DEVTOOLS__: 'false',
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
    },
    logLevel: 'error',
  })
  return outputFiles[0]?.text ?? ''
}

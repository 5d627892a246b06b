import { fileURLToPath } from 'node:url'
import { type BuildOptions, build } from 'esbuild'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

/** A script for a page of a test, in which `axios-renew` is the source as browsers get it. @param options where it begins, and what it is called. */
export async function bundlePage(options: BuildOptions): Promise<string> {
  const { outputFiles } = await build({
    bundle: true,
    format: 'iife',
    target: 'es2022',
    alias: { '#platform': path('../../src/platform/platform.ts') },
    tsconfig: path('../../tsconfig.json'),
    logLevel: 'error',
    ...options,
    write: false,
  })
  return outputFiles[0]?.text ?? ''
}

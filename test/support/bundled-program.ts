import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { beforeAll } from 'vitest'

/**
 * A program that the tests of a file start as processes, as plain JavaScript in one file: to compile it in each process
 * would take most of a test's time.
 *
 * @returns gives its path, once the tests run.
 */
export function bundledProgram(source: URL): () => string {
  let program = ''
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'axios-renew-program-'))
    program = join(folder, basename(source.pathname).replace(/\.ts$/, '.mjs'))
    await build({
      entryPoints: [fileURLToPath(source)],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
      // There it finds the names by which users import, and `#platform`: they are the sources, for Node.
      tsconfig: fileURLToPath(new URL('../../tsconfig.json', import.meta.url)),
      // node-postgres asks for them only where they are wanted.
      external: ['pg-native', 'pg-cloudflare'],
      // What some packages depend on is CommonJS.
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)" },
      logLevel: 'error',
    })
    return () => rm(folder, { recursive: true })
  })
  return () => program
}

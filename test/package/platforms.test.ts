import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import { beforeAll, describe, expect, it } from 'vitest'
import { runScript, scratchProject } from './scratch-project.ts'

let scratch: string
beforeAll(async () => {
  scratch = await scratchProject()
})

/** Bundles what an app would, and gives the code and the files of this package that are in it. */
async function bundle(format: 'mjs' | 'cjs', platform: 'browser' | 'node') {
  const entries = ['axios-renew', 'axios-renew/browser', 'axios-renew/fetch', 'axios-renew/providers', 'axios-renew/testing']
  const loads = entries.map((entry) => (format === 'mjs' ? `export * from '${entry}'` : `Object.assign(exports, require('${entry}'))`))
  const entry = join(scratch, `${platform}.${format}`)
  await writeFile(entry, loads.join('\n'))
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    platform,
    format: 'esm',
    write: false,
    metafile: true,
    outdir: scratch,
    logLevel: 'error',
  })
  const inputs = Object.keys(metafile.inputs).map((path) => path.replace(/^.*node_modules\//, ''))
  return { code: outputFiles.map(({ text }) => text).join('\n'), inputs }
}

describe.each(['mjs', 'cjs'] as const)('bundled from .%s', (format) => {
  it('for browsers, there is nothing of Node in it', async () => {
    const { code, inputs } = await bundle(format, 'browser')
    expect(inputs).toContain(`axios-renew/dist/platform.${format}`)
    expect(inputs).not.toContain(`axios-renew/dist/platform.node.${format}`)
    expect(code).not.toMatch(/['"]node:/)
  })

  it('for Node, callbacks can be followed', async () => {
    const { inputs } = await bundle(format, 'node')
    expect(inputs).toContain(`axios-renew/dist/platform.node.${format}`)
    expect(inputs).not.toContain(`axios-renew/dist/platform.${format}`)
  })
})

describe.each([
  ['mjs', `import { createSession } from 'axios-renew'`],
  ['cjs', `const { createSession } = require('axios-renew')`],
] as const)('in Node, from .%s', (format, load) => {
  it('a refresh that uses its own session fails at once', async () => {
    const code = await runScript(
      scratch,
      format,
      `${load}
      const session = createSession({ tokens: { refreshToken: 'r1' }, refresh: () => session.getTokens() })
      session.getTokens().catch((error) => console.log(JSON.stringify([error.code, error.cause?.code])))`,
    )
    expect(code).toContain('ERR_REENTRANT_REFRESH')
  })
})

describe.each([
  ['mjs', `import { oauth2 } from 'axios-renew'`],
  ['cjs', `const { oauth2 } = require('axios-renew')`],
] as const)('from .%s', (format, load) => {
  // axios-retry is a default export in one format and a property in the other: a wrong interop throws in oauth2().
  it('oauth2 makes its token request, and tries again if it cannot have left', async () => {
    const code = await runScript(
      scratch,
      format,
      `${load}
      let attempts = 0
      const adapter = (config) => {
        attempts++
        return Promise.reject(Object.assign(new Error('refused'), { isAxiosError: true, code: 'ECONNREFUSED', config }))
      }
      const { refresh } = oauth2({ tokenEndpoint: 'https://auth.example.com/token', clientId: 'app', request: { adapter } })
      refresh({ refreshToken: 'r1' }, { account: 'a', signal: new AbortController().signal })
        .catch((error) => console.log(JSON.stringify({ code: error.code, attempts })))`,
    )
    expect(code).toEqual({ code: 'ERR_REFRESH_FAILED', attempts: 3 })
  })
})

// So it is in jest, which runs CommonJS in a context of its own.
it('the authorization server for tests listens where nothing can be imported', async () => {
  const status = await runScript(
    scratch,
    'cjs',
    `const { createRequire, wrap } = require('node:module')
    const { readFileSync } = require('node:fs')
    const { dirname, resolve } = require('node:path')
    const { Script } = require('node:vm')
    function load(file) {
      const module = { exports: {} }
      const own = (id) => (id.startsWith('.') ? load(resolve(dirname(file), id)) : createRequire(file)(id))
      new Script(wrap(readFileSync(file, 'utf8')), { filename: file }).runInThisContext()(module.exports, own, module, file, dirname(file))
      return module.exports
    }
    const auth = load(require.resolve('axios-renew/testing')).fakeAuthServer()
    auth.listen().then(async () => {
      const { status } = await fetch(auth.userinfoEndpoint)
      await auth.close()
      console.log(JSON.stringify(status))
    })`,
  )
  expect(status).toBe(401)
})

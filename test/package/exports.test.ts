import { describe, expect, it } from 'vitest'
import { publishedManifest, runScript, scratchProject } from './scratch-project.ts'

const ERRORS = ['AuthError', 'BodyNotReplayableError', 'RefreshFailedError', 'SessionEndedError', 'SignedOutError', 'StoreError']

/** Reviewed by hand: what is taken away here breaks users. */
const EXPORTS: Record<string, string[]> = {
  'axios-renew': [...ERRORS, 'attach', 'createSession', 'createSessionPool', 'memoryStore', 'oauth2'],
  'axios-renew/browser': ['webStore'],
  'axios-renew/encryption': ['encryptedStore'],
  'axios-renew/fetch': [...ERRORS, 'authFetch', 'createSession', 'createSessionPool'],
  'axios-renew/file': ['fileStore'],
  'axios-renew/opentelemetry': ['instrument'],
  'axios-renew/postgres': ['postgresStore'],
  'axios-renew/providers': ['mercadoLibre', 'mercadoPago'],
  'axios-renew/redis': ['redisStore'],
  'axios-renew/testing': ['fakeAuthServer', 'fakeClock', 'testStore'],
}

it('has these entries and no others', async () => {
  const subpaths = Object.keys((await publishedManifest()).exports).filter((subpath) => subpath !== './package.json')
  expect(subpaths.map((subpath) => subpath.replace('.', 'axios-renew')).sort()).toEqual(Object.keys(EXPORTS))
})

describe.each(Object.entries(EXPORTS))('%s', (entry, names) => {
  it('exports these names to import', async () => {
    const code = `import * as entry from '${entry}'; console.log(JSON.stringify(Object.keys(entry)))`
    expect(await runScript(await scratchProject(), 'mjs', code)).toEqual(names)
  })

  it('exports the same names to require', async () => {
    const code = `console.log(JSON.stringify(Object.keys(require('${entry}')).sort()))`
    expect(await runScript(await scratchProject(), 'cjs', code)).toEqual(names)
  })
})

describe('axios-renew/fetch', () => {
  it('works where axios is not installed, imported', async () => {
    const code = `import { authFetch } from 'axios-renew/fetch'; console.log(JSON.stringify(typeof authFetch))`
    expect(await runScript(await scratchProject({ axios: null, 'axios-retry': null }), 'mjs', code)).toBe('function')
  })

  it('works where axios is not installed, required', async () => {
    const code = `console.log(JSON.stringify(typeof require('axios-renew/fetch').authFetch))`
    expect(await runScript(await scratchProject({ axios: null, 'axios-retry': null }), 'cjs', code)).toBe('function')
  })

  it('is tested above where axios can indeed not be found', async () => {
    const scratch = await scratchProject({ axios: null, 'axios-retry': null })
    await expect(runScript(scratch, 'mjs', `import 'axios-renew'`)).rejects.toThrow(/Cannot find package 'axios'/)
  })
})

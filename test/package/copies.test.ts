import { beforeAll, describe, expect, it } from 'vitest'
import { runScript, scratchProject } from './scratch-project.ts'

/** Both copies of the package, as a program gets them that imports it here and requires it there. */
const COPIES = `
  import { createRequire } from 'node:module'
  import * as esm from 'axios-renew'
  const cjs = createRequire(import.meta.url)('axios-renew')
  const axiosOf = { esm: (await import('axios')).default, cjs: createRequire(import.meta.url)('axios') }
`

let scratch: string
beforeAll(async () => {
  scratch = await scratchProject()
})

const run = (code: string) => runScript(scratch, 'mjs', `${COPIES}\n${code}`)

it('are two', async () => {
  expect(await run('console.log(esm.AuthError === cjs.AuthError)')).toBe(false)
})

describe('instanceof', () => {
  it.each([
    ['BodyNotReplayableError', '{}'],
    ['RefreshFailedError', "'failed'"],
    ['SessionEndedError', ''],
    ['SignedOutError', ''],
    ['StoreError', "'ERR_SAVE_FAILED', 'failed', new Error('disk full')"],
    ['AuthError', "'ERR_REENTRANT_REFRESH', 'failed'"],
  ])('knows a %s of the other copy', async (name, args) => {
    const checks = ['[esm, cjs]', '[cjs, esm]'].map(
      (copies) => `(([here, there]) => {
        const error = new here.${name}(${args})
        return [error instanceof there.${name}, error instanceof there.AuthError, ${name !== 'SignedOutError'} && error instanceof there.SignedOutError]
      })(${copies})`,
    )
    const known = [true, true, false]
    expect(await run(`console.log(JSON.stringify([${checks}]))`)).toEqual([known, known])
  })
})

describe.each([
  ['esm', 'cjs'],
  ['cjs', 'esm'],
])('a session made by the %s copy', (makes, uses) => {
  it(`authorizes and replays requests by attach of the ${uses} copy`, async () => {
    const sent = await run(`
      const session = ${makes}.createSession({
        tokens: { accessToken: 'old', refreshToken: 'r1' },
        refresh: async () => ({ accessToken: 'new', refreshToken: 'r2' }),
      })
      const sent = []
      const api = axiosOf.${uses}.create({
        baseURL: 'https://api.example.com',
        adapter: async (config) => {
          sent.push(config.headers.get('Authorization'))
          return { status: sent.length === 1 ? 401 : 200, headers: {}, config, data: '' }
        },
      })
      ${uses}.attach(api, session)
      await api.get('/me')
      console.log(JSON.stringify(sent))
    `)
    expect(sent).toEqual(['Bearer old', 'Bearer new'])
  })
})

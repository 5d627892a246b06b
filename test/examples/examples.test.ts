import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { startAuthorizationServer } from '../../examples/servers/authorization-server.ts'
import { type Run, runScript } from './run-script.ts'

/** The lines that carry the claim of each example. */
const CLAIMS: Record<string, string[]> = {
  'quick-start.ts': ['a payment with a fresh token: approved', 'five at once with an expired one: 5 approved, 1 token request'],
  'mercado-pago-back-end.ts': [
    'second process: it finds the pair in the file',
    'token requests: 1; the pair in the file is the one that works',
  ],
  'own-back-end.ts': [
    'token expired: 3 requests went through after 1 refresh',
    'signed out, page /login, tokens stored: 0',
    'the back end refused the refresh token: ERR_SESSION_ENDED, page /login',
  ],
  'http-only-cookie.ts': [
    '3 requests of the new page: hello Maria, 1 refresh',
    'cookie gone: ERR_SIGNED_OUT, the session is signed-out',
    'cookie there: hello again, the session is active',
  ],
  'custom-header.ts': ['token expired: 200 after 1 refresh and a replay', 'no token for another origin'],
  'fetch.ts': ['five POSTs with an expired token: 200 200 200 200 200, 1 token request'],
}

/** Those that need servers beside them, or are part of something: they have tests of their own. */
const ELSEWHERE = ['keep-sellers-alive.ts', 'serverless.ts', 'ssr.ts']

/** What an issued token looks like: 43 characters of base64url. */
const TOKEN = /[\w-]{43}/

const examples = readdirSync(new URL('../../examples', import.meta.url)).filter((name) => name.endsWith('.ts') && !ELSEWHERE.includes(name))

test('every example has a claim, and every claim an example', () => {
  expect(examples.sort()).toEqual(Object.keys(CLAIMS).sort())
})

test.each(examples)('%s runs, and shows what it claims', async (name) => {
  const run = await runScript(`examples/${name}`)
  expect(run).toMatchObject({ exitCode: 0, stderr: '' })
  for (const line of CLAIMS[name] ?? []) expect(run.stdout.split('\n')).toContain(line)
  expectNoToken(run)
})

test('the demo measures one token request, and a revoked grant by hand', async () => {
  const run = await runScript('examples/demo/run.ts', ['--json'])
  expect(run).toMatchObject({ exitCode: 0, stderr: '' })
  const { ours, byHand, passed } = JSON.parse(run.stdout)
  expect(ours).toMatchObject({
    requests: 200,
    succeeded: 200,
    failed: 0,
    unauthorized: 200,
    tokenRequests: 1,
    reused: 0,
    usedBeforeSaved: 0,
    grantAlive: true,
  })
  expect(byHand).toMatchObject({ requests: 200, grantAlive: false })
  expect(byHand.tokenRequests).toBeGreaterThan(1)
  expect(byHand.reused).toBeGreaterThan(0)
  expect(byHand.failed).toBeGreaterThan(0)
  expect(passed).toBe(true)
  expectNoToken(run)
})

test('the demo tells a person what happens, in few lines and without colours in a pipe', async () => {
  const run = await runScript('examples/demo/run.ts')
  expect(run).toMatchObject({ exitCode: 0, stderr: '' })
  for (const line of [
    /> 200 requests leave, all with the expired token/,
    /> the new pair is on the disk; requests that have used it so far: 0/,
    /> a later 401 sends the same refresh token: the server revokes the grant/,
    /^ {2}token requests +1 +\d+$/m,
    /^ {2}the seller's grant +alive +revoked$/m,
    /^axios-renew: 200 times 401 led to 1 token request\. The new pair was on the disk before$/m,
    /^By hand: \d+ times 401 led to \d+ token requests, \d+ of them with a refresh token that$/m,
  ]) {
    expect(run.stdout).toMatch(line)
  }
  for (const part of run.stdout.split(/^\d\. /m).slice(1)) {
    expect(part.split('\n').filter((line) => /^ +\+\d+ ms/.test(line)).length).toBeLessThanOrEqual(30)
  }
  expect(run.stdout).not.toContain('\u001b')
  expectNoToken(run)
})

test('the demo explains itself, and its options when one is mistyped', async () => {
  const help = await runScript('examples/demo/run.ts', ['--help'])
  expect(help).toMatchObject({ exitCode: 0, stderr: '' })
  expect(help.stdout).toContain('--json')
  const mistyped = await runScript('examples/demo/run.ts', ['--jsno'])
  expect(mistyped).toMatchObject({ exitCode: 1, stdout: '' })
  expect(mistyped.stderr).toContain("Unknown option '--jsno'")
})

test('the servers issue tokens that would be noticed in an output', async () => {
  const server = await startAuthorizationServer()
  const { access_token, refresh_token } = await server.authorize('maria')
  await server.close()
  expect(access_token).toMatch(TOKEN)
  expect(refresh_token).toMatch(TOKEN)
})

function expectNoToken({ stdout, stderr }: Run): void {
  expect(`${stdout}${stderr}`).not.toMatch(TOKEN)
}

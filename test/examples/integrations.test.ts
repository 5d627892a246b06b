import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { runScript } from './run-script.ts'

/** The lines that carry the claim of each example. */
const CLAIMS: Record<string, string[]> = {
  'event-source.ts': [
    'an event while the stream is open: approved',
    'cut, and the token expired: 1 refused, 1 token request',
    'all events: approved, refunded, charged back; continued after event 1',
    'signed out: 0 streams open at the server',
  ],
  'graphql-request.ts': [
    '401 for three queries: payments 1 2 3, 1 token request',
    'UNAUTHENTICATED for a query and a mutation: approved approved, 1 token request',
    'by requestMiddleware: approved, and with an expired token 401',
  ],
  'mercadopago-sdk.ts': [
    'five calls with an expired token: 5 approved, 1 token request',
    'five calls that get 401: 5 approved, 1 token request',
    'a payment with a key of its own: approved',
  ],
  'nestjs.ts': [
    'five Observables with an expired token: 5 approved, 1 token request',
    'unsubscribed while refreshing: 1 request, which is for payment 7',
    'the app is closed, and the session: The session is closed',
  ],
  'websocket.ts': [
    '3 sockets with an expired token: 3 refused, 1 token request, 3 connected',
    'closed with 4401 in the middle: 3 connected again, 1 token request',
    'consent taken back: ERR_SESSION_ENDED ERR_SESSION_ENDED ERR_SESSION_ENDED',
    'token in the URL: 0 of 9 upgrades',
  ],
}

/** What an issued token looks like: 43 characters of base64url. */
const TOKEN = /[\w-]{43}/

const examples = readdirSync(new URL('../../examples/integrations', import.meta.url)).filter(
  // Those about fetch have a test of their own.
  (name) => name.endsWith('.ts') && !name.startsWith('fetch-'),
)

test('every integration has a claim, and every claim an integration', () => {
  expect(examples.sort()).toEqual(Object.keys(CLAIMS))
})

test.each(examples)('%s runs, and shows what it claims', async (name) => {
  const run = await runScript(`examples/integrations/${name}`)
  expect(run).toMatchObject({ exitCode: 0, stderr: '' })
  for (const line of CLAIMS[name] ?? []) expect(run.stdout.split('\n')).toContain(line)
  expect(run.stdout).not.toMatch(TOKEN)
})

import { inspect } from 'node:util'
import { oauth2 } from 'axios-renew'
import { fakeClock } from 'axios-renew/testing'
import { describe, expect, test } from 'vitest'
import { rejection } from '../support/session-kit.ts'
import { playProvider, type Received } from './fixtures/play-provider.ts'
import { runBlock } from './fixtures/provider-guide.ts'
import { sessionWith } from './refresh-with.ts'

const ENDED = 'ERR_SESSION_ENDED'
const REJECTED = 'ERR_CLIENT_REJECTED'
const FAILED = 'ERR_REFRESH_FAILED'

async function refusedWith(body: object, status = 400) {
  const { tokenEndpoint } = await playProvider(() => ({ status, body }))
  return rejection(sessionWith(oauth2({ tokenEndpoint, clientId: 'my-app' })).refresh())
}

describe('an error that is wrapped in an object', () => {
  test.each([
    ['a type', { error: { type: 'invalid_grant' } }, ENDED],
    ['a code', { error: { code: 'invalid_grant', message: 'gone' } }, ENDED],
    ['a message', { error: { code: 400, message: 'Invalid refresh token' } }, ENDED],
    ['a type that blames the client', { error: { type: 'invalid_client' } }, REJECTED],
    ['a code beside it', { code: 'invalid_grant', error: { code: 400, message: 'Bad Request' } }, ENDED],
    ['nothing known', { error: { type: 'VALIDATION_ERROR', message: 'Empresa inativa' } }, FAILED],
    ['nothing', { error: {} }, FAILED],
    ['a list', { error: ['invalid_grant'] }, FAILED],
    ['something deeper', { error: { error: { type: 'invalid_grant' } } }, FAILED],
  ])('is read: %s', async (_name, body, code) => {
    expect((await refusedWith(body)).code).toBe(code)
  })

  test('is told', async () => {
    const { message } = await refusedWith({
      error: { type: 'invalid_grant', message: 'invalid_grant', description: 'The token has expired' },
    })
    expect(message).toBe('The server refused the refresh token (status 400, invalid_grant, The token has expired): sign in again')
  })

  test('is told by its message where there is no description', async () => {
    const { message } = await refusedWith({ error: { type: 'UNAUTHORIZED_ERROR', message: 'Empresa inativa' } }, 403)
    expect(message).toBe('The token endpoint did not answer with tokens (status 403, UNAUTHORIZED_ERROR, Empresa inativa)')
  })
})

describe('a code', () => {
  test.each(['interaction_required', 'login_required', 'account_selection_required', 'consent_required'])(
    'that asks for the user ends the session: %s',
    async (error) => {
      expect((await refusedWith({ error })).code).toBe(ENDED)
    },
  )

  test.each([
    'deleted_client',
    'disabled_client',
    'invalid_client_id',
    'bad_client_secret',
    'incorrect_client_credentials',
    'BAD_CLIENT_ID',
  ])('that blames the client is about the set-up: %s', async (error) => {
    expect((await refusedWith({ error }, 200)).code).toBe(REJECTED)
  })

  test.each(['too_many_client_requests', 'client_timeout', 'Forbidden', 'the client is busy', 'http client error', 'approval_required'])(
    'that only sounds like it is transient: %s',
    async (said) => {
      expect((await refusedWith({ message: said }, 403)).code).toBe(FAILED)
    },
  )
})

describe('secrets that the options hold in other places', () => {
  test.each([
    ['TikTok', ({ body }: Received) => new URLSearchParams(body).get('client_secret')],
    ['Stripe Apps', ({ headers }: Received) => headers.authorization?.replace('Basic ', '')],
  ])('do not get into an error of %s, should the server echo them', async (section, secretOf) => {
    let secret = ''
    const provider = await playProvider((request) => {
      secret = String(secretOf(request))
      return { status: 400, body: { error: 'strange', error_description: `cannot read ${secret}` } }
    })
    const error = await rejection(runBlock(section, provider, fakeClock()).session.refresh())
    expect(secret).toMatch(/^(my-secret|\w+=*)$/)
    expect(error.message).toContain('cannot read ***')
    expect(inspect(error, { depth: 10 })).not.toContain(secret)
  })
})

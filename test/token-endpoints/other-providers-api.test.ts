import { fakeClock } from 'axios-renew/testing'
import { describe, expect, test } from 'vitest'
import { playProvider } from './fixtures/play-provider.ts'
import type { WireAnswer } from './fixtures/provider-fixture.ts'
import { runBlock } from './fixtures/provider-guide.ts'
import { PROVIDERS } from './fixtures/providers.ts'

const clock = fakeClock()
const FINE: WireAnswer = { body: { ok: true } }

type Row = [section: string, name: string, answer: WireAnswer]

const EXPIRED: Row[] = [
  ['Slack', '200 and token_expired', { body: { ok: false, error: 'token_expired' } }],
  [
    'GitHub Apps',
    '401 and a message',
    { status: 401, body: { message: 'Bad credentials', documentation_url: 'https://docs.github.com/rest' } },
  ],
  ['Bling', '401 and an object', { status: 401, body: { error: { type: 'invalid_token', message: 'invalid_token' } } }],
  [
    'Shopify',
    '401 and a text',
    { status: 401, body: { errors: '[API] Invalid API key or access token (unrecognized login or wrong password)' } },
  ],
  ['Salesforce', '401 and an array', { status: 401, body: [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }] }],
  [
    'TikTok',
    '401 and a code',
    { status: 401, body: { error: { code: 'access_token_invalid', message: 'The access token is invalid.', log_id: '2022' } } },
  ],
  ['A back end of your own', '401', { status: 401, body: '' }],
  ['A back end of your own', '419', { status: 419, body: { message: 'Page expired' } }],
  ['A back end of your own', '498', { status: 498, body: { message: 'Invalid token' } }],
]

const OTHERWISE: Row[] = [
  ['Slack', '200 and another error', { body: { ok: false, error: 'channel_not_found' } }],
  ['Slack', '200 and no JSON', { body: 'token_expired' }],
  ['GitHub Apps', '403', { status: 403, body: { message: 'Resource not accessible by integration' } }],
  ['Bling', '403', { status: 403, body: { error: { type: 'insufficient_scope', message: 'insufficient_scope' } } }],
  ['Slack', '429', { status: 429, headers: { 'retry-after': '30' }, body: { ok: false, error: 'ratelimited' } }],
  ['Shopify', '403', { status: 403, body: { errors: '[API] This action requires merchant approval for read_orders scope.' } }],
  ['A back end of your own', '403', { status: 403, body: { message: 'Forbidden' } }],
]

/** Which header the API of a section wants, and how. */
function credential(section: string, token: string): [name: string, value: string] {
  return section === 'Shopify' ? ['x-shopify-access-token', token] : ['authorization', `Bearer ${token}`]
}

/** Makes one request to an API that refuses the first token so. */
async function ask(section: string, refusal: WireAnswer) {
  const success = PROVIDERS.find(({ name }) => name === section)?.success ?? FINE
  const provider = await playProvider(
    () => success,
    ({ headers }) => {
      const [name, value] = credential(section, 'access-2')
      return headers[name] === value ? FINE : refusal
    },
  )
  const { api } = runBlock(section, provider, clock)
  return { response: await api.get('/things/1'), provider }
}

describe('what the API answers when the access token has expired', () => {
  test.each(EXPIRED)('%s: %s refreshes, and the request is sent again with the new token', async (section, _name, refusal) => {
    const { response, provider } = await ask(section, refusal)
    expect([response.status, response.data]).toEqual([200, FINE.body])
    expect(provider.tokenRequests).toHaveLength(1)
    const [header] = credential(section, '')
    expect(provider.apiRequests.map(({ headers }) => headers[header])).toEqual([
      credential(section, 'access-1')[1],
      credential(section, 'access-2')[1],
    ])
  })

  test.each(OTHERWISE)('%s: %s is the answer, without a refresh', async (section, _name, refusal) => {
    const { response, provider } = await ask(section, refusal)
    expect([response.status, response.data]).toEqual([refusal.status ?? 200, refusal.body])
    expect([provider.tokenRequests, provider.apiRequests].map(({ length }) => length)).toEqual([0, 1])
  })
})

test('Shopify gets its token in its own header only', async () => {
  const { provider } = await ask('Shopify', { status: 401, body: '' })
  for (const { headers } of provider.apiRequests) expect(headers).not.toHaveProperty('authorization')
})

test("Slack's token of a user signs in by itself, out of the answer to the first exchange", async () => {
  const { session } = runBlock('Slack', await playProvider(() => FINE), clock)
  const answer = {
    ok: true,
    access_token: 'access-2',
    token_type: 'bot',
    authed_user: {
      id: 'U1234',
      scope: 'chat:write',
      access_token: 'access-3',
      token_type: 'user',
      expires_in: 43200,
      refresh_token: 'refresh-3',
    },
  }
  await session.signIn(answer.authed_user)
  expect(await session.getTokens()).toMatchObject({
    accessToken: 'access-3',
    refreshToken: 'refresh-3',
    expiresAt: clock.now() + 43_200_000,
    extra: { id: 'U1234' },
  })
})

test("TikTok's merchant API tells the moment of expiry under the name of a lifetime", async () => {
  const expiresAt = clock.now() + 432_000_000
  const body = { access_token: 'access-2', expires_in: expiresAt / 1000, refresh_expires_in: 1906616707, refresh_token: 'refresh-2' }
  const { session } = runBlock('TikTok', await playProvider(() => ({ body })), clock)
  expect(await session.refresh()).toMatchObject({ accessToken: 'access-2', refreshToken: 'refresh-2', expiresAt })
})

import { RefreshFailedError, SessionEndedError } from 'axios-renew'
import { fakeClock } from 'axios-renew/testing'
import { describe, expect, test } from 'vitest'
import { rejection } from '../support/session-kit.ts'
import { type PlayedProvider, playProvider, type Reaction } from './fixtures/play-provider.ts'
import type { ProviderFixture } from './fixtures/provider-fixture.ts'
import { runBlock } from './fixtures/provider-guide.ts'
import { PROVIDERS } from './fixtures/providers.ts'

const clock = fakeClock()

/** Runs the block of the guide against a provider that reacts so. */
async function play({ name }: ProviderFixture, token: Reaction) {
  const provider = await playProvider(token)
  return { provider, ...runBlock(name, provider, clock) }
}

function sentOnce({ tokenRequests }: PlayedProvider) {
  expect(tokenRequests).toHaveLength(1)
  return tokenRequests[0]
}

describe.each(PROVIDERS)('the options for $name', (fixture) => {
  const { endpoint, sent, success, tokens, refusals, resends = false } = fixture

  test('send the token request that it documents', async () => {
    const { provider, options, session } = await play(fixture, () => success)
    expect(options.tokenEndpoint).toBe(endpoint)
    await session.refresh()
    const request = sentOnce(provider)
    expect(request).toMatchObject({ method: 'POST', body: sent.body, headers: { accept: 'application/json', ...sent.headers } })
    expect(request?.headers['content-type']).toBe(sent.contentType ?? 'application/x-www-form-urlencoded')
    expect(request?.headers.authorization).toBe(sent.authorization)
  })

  test(`read the tokens of its answer (${success.basis})`, async () => {
    const { session } = await play(fixture, () => success)
    const { lives, ...known } = tokens
    const expected = { accessToken: 'access-2', issuedAt: clock.now(), ...known }
    expect(await session.refresh()).toEqual(lives ? { ...expected, expiresAt: clock.now() + lives * 1000 } : expected)
    expect(session.status).toBe('active')
  })

  test(`${resends ? 'send a token request whose answer was lost once more' : 'never send a token request twice'}`, async () => {
    const { provider, session } = await play(fixture, (_request, count) => (count === 1 ? undefined : success))
    const outcome = resends ? (await session.refresh()).accessToken : (await rejection(session.refresh())).code
    expect(outcome).toBe(resends ? 'access-2' : 'ERR_REFRESH_UNCERTAIN')
    expect(provider.tokenRequests.map(({ body }) => body)).toEqual(resends ? [sent.body, sent.body] : [sent.body])
  })

  test.each(refusals)('understand $name ($basis) as $code', async ({ code, rests, ...answer }) => {
    const { provider, session } = await play(fixture, () => answer)
    const error = await rejection(session.refresh())
    expect(error.code).toBe(code)
    expect(error).toBeInstanceOf(code === 'ERR_SESSION_ENDED' ? SessionEndedError : RefreshFailedError)
    expect(session.status).toBe(code === 'ERR_SESSION_ENDED' ? 'ended' : 'active')
    if (rests) expect(error.retryAt).toBe(clock.now() + rests)
    expect(provider.tokenRequests.length).toBe(code === 'ERR_REFRESH_UNCERTAIN' && resends ? 2 : 1)
  })
})

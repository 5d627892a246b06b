import { createSession, oauth2 } from 'axios-renew'
import { expect, onTestFinished, test } from 'vitest'
import { type Subject, startFake, startReal } from './support/fake-and-real.ts'

/** What a client sees of an answer: enough to tell servers apart, and no token. */
async function seen(response: Response): Promise<unknown> {
  const text = await response.text()
  const { status, headers } = response
  if (!headers.get('content-type')?.includes('json')) return { status, text: text !== '' }
  const { error, error_description, access_token, refresh_token, token_type, expires_in, scope } = JSON.parse(text)
  return {
    status,
    error,
    says: typeof error_description,
    types: [access_token, refresh_token, token_type, expires_in, scope].map((value) => typeof value),
    token_type,
    expires_in,
    challenge: headers.get('www-authenticate')?.split(' ')[0],
  }
}

const post = (url: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  fetch(url, { method: 'POST', body: new URLSearchParams(fields), headers })

/** A client of a server, which may do everything wrong. */
function clientOf({ tokenEndpoint, revocationEndpoint, userinfoEndpoint, clientId, clientSecret }: Subject) {
  const own = { client_id: clientId, client_secret: clientSecret }
  return {
    own,
    token: (fields: Record<string, string>, headers?: Record<string, string>) => post(tokenEndpoint, fields, headers),
    refresh: (refresh_token = '') => post(tokenEndpoint, { ...own, grant_type: 'refresh_token', refresh_token }),
    revoke: (token: string) => post(revocationEndpoint, { ...own, token }),
    /** What the API says to an access token. */
    use: async (token: string) => (await fetch(userinfoEndpoint, { headers: { authorization: `Bearer ${token}` } })).status,
    basic: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
  }
}

type Case = (subject: Subject, client: ReturnType<typeof clientOf>) => Promise<unknown>

/** Each is played to both servers, and must look the same. */
const CASES: Record<string, Case> = {
  'a refresh: a new pair': async ({ signIn }, client) => {
    const first = await signIn('maria')
    const answer = await client.refresh(first.refresh_token)
    const next = await answer.clone().json()
    return [await seen(answer), next.access_token !== first.access_token, next.refresh_token !== first.refresh_token]
  },
  'the new pair works, and so does the former access token': async ({ signIn }, client) => {
    const first = await signIn('maria')
    const next = await (await client.refresh(first.refresh_token)).json()
    return [await client.use(next.access_token), await client.use(first.access_token), await seen(await client.refresh(next.refresh_token))]
  },
  'a used refresh token: refused, and the whole grant is dead': async ({ signIn }, client) => {
    const first = await signIn('maria')
    const next = await (await client.refresh(first.refresh_token)).json()
    const again = await seen(await client.refresh(first.refresh_token))
    return [
      again,
      await seen(await client.refresh(next.refresh_token)),
      await client.use(next.access_token),
      await client.use(first.access_token),
    ]
  },
  'two refreshes at once: one works, and the grant is dead': async ({ signIn }, client) => {
    const first = await signIn('maria')
    const answers = await Promise.all([client.refresh(first.refresh_token), client.refresh(first.refresh_token)])
    const good = answers.find(({ ok }) => ok)
    const { access_token, refresh_token } = await (good as Response).json()
    return [answers.map(({ status }) => status).sort(), await client.use(access_token), await seen(await client.refresh(refresh_token))]
  },
  'answers that nobody may keep (RFC 6749, 5.1)': async ({ signIn }, client) => {
    const first = await signIn('maria')
    const answers = [await client.refresh(first.refresh_token), await client.refresh('unheard of')]
    return answers.map(({ headers }) => headers.get('cache-control'))
  },
  'another account is not touched by it': async ({ signIn }, client) => {
    const [maria, ana] = [await signIn('maria'), await signIn('ana')]
    await client.refresh(maria.refresh_token)
    await client.refresh(maria.refresh_token)
    return [await client.use(ana.access_token), await seen(await client.refresh(ana.refresh_token))]
  },
  'a refresh token that nobody was given': async (_subject, client) => seen(await client.refresh('unheard of')),
  'an access token in its place': async ({ signIn }, client) => seen(await client.refresh((await signIn('maria')).access_token)),
  'no refresh token': async (_subject, client) => seen(await client.token({ ...client.own, grant_type: 'refresh_token' })),
  'no grant type': async (_subject, client) => seen(await client.token(client.own)),
  'a grant type that there is not': async (_subject, client) => seen(await client.token({ ...client.own, grant_type: 'refresh-token' })),
  'a wrong secret': async ({ signIn }, client) => {
    const { refresh_token = '' } = await signIn('maria')
    const fields = { ...client.own, client_secret: 'wrong', grant_type: 'refresh_token', refresh_token }
    // Nothing is spent by it.
    return [await seen(await client.token(fields)), await seen(await client.refresh(refresh_token))]
  },
  'a client that it does not know': async ({ signIn }, client) => {
    const { refresh_token = '' } = await signIn('maria')
    return seen(await client.token({ ...client.own, client_id: 'other', grant_type: 'refresh_token', refresh_token }))
  },
  'a secret by HTTP Basic': async ({ signIn }, client) => {
    const { refresh_token = '' } = await signIn('maria')
    const fields = { grant_type: 'refresh_token', refresh_token }
    const { status } = await client.token(fields, { authorization: `Basic ${btoa(`${client.own.client_id}:wrong`)}` })
    const garbage = await client.token(fields, { authorization: 'Basic %%%' })
    const longer = await client.token(fields, {
      authorization: `Basic ${btoa(`${client.own.client_id}:${client.own.client_secret}:more`)}`,
    })
    return [status, garbage.status, longer.status]
  },
  'a secret in two ways at once': async ({ signIn }, client) => {
    const { refresh_token = '' } = await signIn('maria')
    return seen(await client.token({ ...client.own, grant_type: 'refresh_token', refresh_token }, client.basic))
  },
  'a body that is no form': async ({ tokenEndpoint, signIn }, client) => {
    const { refresh_token = '' } = await signIn('maria')
    const body = new URLSearchParams({ ...client.own, grant_type: 'refresh_token', refresh_token }).toString()
    return seen(await fetch(tokenEndpoint, { method: 'POST', body, headers: { 'content-type': 'text/plain' } }))
  },
  'a parameter that comes twice': async ({ tokenEndpoint, signIn }, client) => {
    const { refresh_token = '' } = await signIn('maria')
    const body = new URLSearchParams({ ...client.own, grant_type: 'refresh_token', refresh_token })
    body.append('refresh_token', refresh_token)
    return seen(await fetch(tokenEndpoint, { method: 'POST', body }))
  },
  'revoking a refresh token: it, and what came with it, is dead': async ({ signIn }, client) => {
    const first = await signIn('maria')
    const answer = await client.revoke(String(first.refresh_token))
    return [answer.status, await seen(await client.refresh(first.refresh_token)), await client.use(first.access_token)]
  },
  'revoking an access token: it is dead, and so is its refresh token (RFC 7009, 2.1)': async ({ signIn }, client) => {
    const first = await signIn('maria')
    const answer = await client.revoke(first.access_token)
    return [answer.status, await client.use(first.access_token), (await client.refresh(first.refresh_token)).status]
  },
  'revoking what nobody was given: no error (RFC 7009, 2.2)': async (_subject, client) => (await client.revoke('unheard of')).status,
  'revoking nothing': async ({ revocationEndpoint }, client) => seen(await post(revocationEndpoint, client.own)),
  'revoking with a wrong secret': async ({ revocationEndpoint, signIn }, client) => {
    const first = await signIn('maria')
    const answer = await post(revocationEndpoint, { ...client.own, client_secret: 'wrong', token: String(first.refresh_token) })
    return [await seen(answer), (await client.refresh(first.refresh_token)).status]
  },
  'an access token that has expired: 401, and its refresh token works': async ({ signIn, expire }, client) => {
    const first = await signIn('maria')
    await expire(first.access_token)
    return [await client.use(first.access_token), (await client.refresh(first.refresh_token)).status]
  },
  'the API without a good token': async ({ userinfoEndpoint }) => {
    const answer = await fetch(userinfoEndpoint, { headers: { authorization: 'Bearer unheard-of' } })
    return [answer.status, /error="invalid_token"/.test(answer.headers.get('www-authenticate') ?? '')]
  },
  'whose token it is': async ({ signIn, userinfoEndpoint }) => {
    const { access_token } = await signIn('maria')
    return (await fetch(userinfoEndpoint, { headers: { authorization: `Bearer ${access_token}` } })).json()
  },
  'a session of ours, in a storm': async ({ tokenEndpoint, revocationEndpoint, clientId, clientSecret, signIn, counters }, client) => {
    const session = createSession(oauth2({ tokenEndpoint, revocationEndpoint, clientId, clientSecret }))
    onTestFinished(() => session.close())
    await session.signIn(await signIn('maria'))
    const rejected = await session.getTokens()
    await Promise.all(Array.from({ length: 50 }, () => session.refresh({ rejected })))
    const { accessToken } = await session.getTokens()
    const before = await client.use(accessToken)
    await session.signOut()
    return [before, await client.use(accessToken), counters.tokenRequests, counters.refreshes, counters.reused]
  },
  'what it has counted': async ({ signIn, counters }, client) => {
    const first = await signIn('maria')
    await client.refresh(first.refresh_token)
    await client.refresh(first.refresh_token)
    await client.refresh('unheard of')
    const { tokenRequests, refreshes, grantsRevoked } = counters
    return { tokenRequests, refreshes, grantsRevoked }
  },
}

test.each(Object.entries(CASES))('fakeAuthServer does as oidc-provider does: %s', async (_name, play) => {
  const [real, fake] = [await startReal(), await startFake()]
  const expected = await play(real, clientOf(real))
  expect(await play(fake, clientOf(fake))).toEqual(expected)
})

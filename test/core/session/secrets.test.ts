import { inspect } from 'node:util'
import { AxiosError } from 'axios'
import { memoryStore, StoreError } from 'axios-renew'
import { expect, test } from 'vitest'
import { createKit, rejection } from '../../support/session-kit.ts'

/** What a client throws that was to send tokens somewhere. */
function failedRequest(): AxiosError {
  const config = { data: '{"accessToken":"confidential"}', headers: { Authorization: 'Basic confidential' } } as never
  return new AxiosError('status 500', 'ERR_BAD_RESPONSE', config, { _header: 'confidential' }, {
    ...{ status: 500, statusText: '', headers: {}, config, data: { refresh_token: 'confidential' } },
  } as never)
}

/** What an error reporter, a log or an answer would show. */
function shown(error: unknown): string {
  return inspect(error, { depth: 20 }) + JSON.stringify(error) + JSON.stringify(Object(error).cause)
}

const throwing = (error: unknown) => () => {
  throw error
}

test.each([
  ['an error', () => failedRequest()],
  ['the cause of one', () => new Error('wrapped', { cause: failedRequest() })],
  ['all of several', () => new AggregateError([new Error('first'), failedRequest()])],
  ['no error at all', () => ({ config: { data: 'confidential' }, cause: failedRequest() })],
  ['its own cause', () => Object.assign(failedRequest(), { cause: failedRequest() })],
])('what refresh, load, save or the store throws shows no token, be it %s', async (_name, make) => {
  for (const options of [
    { refresh: throwing(make()) },
    { load: throwing(make()) },
    { load: () => null, tokens: { refresh_token: 'r1' } },
  ]) {
    const { session } = createKit({ onSaveFailure: 'reject', save: throwing(make()), ...options } as never)
    expect(shown(await rejection(session.refresh()))).not.toContain('confidential')
  }
  const store = { ...memoryStore(), read: throwing(make()) }
  const { session, events } = createKit({ load: undefined, save: undefined, store })
  expect(shown(await rejection(session.getTokens()))).not.toContain('confidential')
  expect(events.map(({ name }) => name)).toEqual(['store-degraded'])
  for (const event of events) expect(shown(event)).not.toContain('confidential')
})

test('a pair that cannot be saved does not show in the event that says so', async () => {
  const { session, events } = createKit({ save: throwing(failedRequest()) })
  await session.refresh()
  expect(events.map(({ name }) => name)).toContain('save-failed')
  for (const event of events) expect(shown(event)).not.toContain('confidential')
})

test("nor does it in a store's own error, which code can read all the same", () => {
  const cause = failedRequest()
  const error = new StoreError('ERR_STORE_UNAVAILABLE', 'away', cause)
  expect(shown(error)).not.toContain('confidential')
  expect(JSON.parse(JSON.stringify(cause))).toEqual({ name: 'AxiosError', message: 'status 500', code: 'ERR_BAD_RESPONSE', status: 500 })
  expect((error.cause as AxiosError).config?.data).toContain('confidential')
})

test('what cannot be changed is left as it is', () => {
  const cause = Object.freeze(failedRequest())
  expect(new StoreError('ERR_SAVE_FAILED', 'away', cause).cause).toBe(cause)
  expect(new StoreError('ERR_SAVE_FAILED', 'away', 'a string').cause).toBe('a string')
})

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

/** As got and others define what belongs to an error: neither can it be changed, nor does it show. */
function fixed(): Error {
  const error = new Error('status 401')
  for (const key of ['options', 'request', 'response', 'toJSON'])
    Object.defineProperty(error, key, { value: { status: 401, data: 'confidential' } })
  return error
}

const broken = new Proxy(new Error('a proxy'), {
  getOwnPropertyDescriptor() {
    throw new Error('no trap for that')
  },
})

test.each([
  ['has properties that cannot be changed', fixed, 'ERR_SESSION_ENDED'],
  ['cannot be looked at', () => broken, 'ERR_REFRESH_FAILED'],
])('an error that %s costs nothing', async (_name, make, code) => {
  const { session } = createKit({ refresh: throwing(make()) })
  expect(await rejection(session.refresh())).toMatchObject({ code })
  const loading = createKit({ load: throwing(make()) })
  expect(await rejection(loading.session.getTokens())).toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
  let works = false
  const saving = createKit({
    save: () => {
      if (!works) throw make()
    },
  })
  expect(await saving.session.refresh()).toMatchObject({ accessToken: 'a2' })
  expect(saving.events.map(({ name }) => name)).toEqual(['save-failed', 'refreshed'])
  works = true
  await saving.clock.advance(60_000)
  expect(saving.clock.pending).toBe(0)
})

test.each([
  ['ioredis', { command: { name: 'set', args: ['key', 'confidential'] } }],
  ['pg', { detail: 'Failing row contains (confidential)', where: 'confidential' }],
  ['a query builder', { sql: 'insert ... confidential', bindings: ['confidential'], parameters: ['confidential'], query: 'confidential' }],
])('what %s says of a write that failed does not show', async (_name, details) => {
  const { session, events } = createKit({ save: throwing(Object.assign(new Error('refused'), { code: '23502' }, details)) })
  await session.refresh()
  expect(shown(events[0])).not.toContain('confidential')
  expect(shown(events[0])).toContain('23502')
})

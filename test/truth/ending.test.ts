import { SessionEndedError } from 'axios-renew'
import { expect, test } from 'vitest'
import { connect, randomFrom, SELLER, startSession, startStage, times } from './support/stage.ts'

/** What a rejected request tells. */
function told(answer: PromiseSettledResult<unknown>) {
  if (answer.status === 'fulfilled') return 'an answer'
  const { reason } = answer
  return { ended: reason instanceof SessionEndedError, code: reason.code, status: reason.response?.status }
}

const ENDED = { ended: true, code: 'ERR_SESSION_ENDED', status: 401 }

/** A seller who has just taken the grant back, which nobody has noticed yet. */
async function startRevoked() {
  const stage = await startStage()
  const session = startSession(stage)
  await session.signIn(stage.pair)
  const api = connect(stage, session)
  const pay = (requests: number) => Promise.allSettled(times(requests, (id) => api.get(`/v1/payments/${id}`)))
  expect((await pay(1)).map(told)).toEqual(['an answer'])
  await stage.revoke(stage.pair.refresh_token)
  return { stage, session, pay }
}

test('a revoked grant: 20 waiters get a SessionEndedError with their 401, for 1 token request', async () => {
  const { stage, session, pay } = await startRevoked()
  // Some of the 401s come before the token request, some during it, some after it.
  const random = randomFrom(20)
  stage.latency = () => random() * 100
  stage.server.latencyMs = 50
  let ends = 0
  session.on('ended', () => ends++)

  expect((await pay(20)).map(told)).toEqual(times(20, () => ENDED))
  expect(stage.seen()).toMatchObject({ unauthorized: 20, ok: 1, tokenRequests: 1, refreshes: 0, reused: 0 })
  expect(ends).toBe(1)
  expect(session.status).toBe('ended')
})

test('nobody asks the server again until a sign-in, and the stored pair stays as it is', async () => {
  const { stage, session, pay } = await startRevoked()
  const stored = await stage.file.read()
  const writes = stage.written.length
  await pay(1)

  for (let i = 0; i < 5; i++) expect((await pay(4)).map(told)).toEqual(times(4, () => ENDED))
  await expect(session.getTokens()).rejects.toBeInstanceOf(SessionEndedError)
  await expect(session.refresh()).rejects.toBeInstanceOf(SessionEndedError)
  expect(stage.seen()).toMatchObject({ unauthorized: 21, tokenRequests: 1 })
  expect(stage.arrivals.slice(2), 'tokens sent once the session had ended').toEqual(times(20, () => ''))
  expect(stage.written).toHaveLength(writes)
  expect(await stage.file.read()).toEqual(stored)
})

test('a sign-in on the same session and instance makes all work again', async () => {
  const { stage, session, pay } = await startRevoked()
  await pay(3)
  const next = await stage.server.authorize(SELLER)
  await session.signIn(next)

  expect((await pay(5)).map(told)).toEqual(times(5, () => 'an answer'))
  expect(stage.seen()).toMatchObject({ ok: 6, tokenRequests: 1 })
  await stage.expire(next.access_token)
  expect((await pay(5)).map(told)).toEqual(times(5, () => 'an answer'))
  expect(stage.seen()).toMatchObject({ ok: 11, tokenRequests: 2, refreshes: 1, reused: 0 })
  expect(await stage.grantAlive()).toBe(true)
})

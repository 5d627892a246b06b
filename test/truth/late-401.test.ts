import type { SessionOptions } from 'axios-renew'
import { expect, test } from 'vitest'
import { gate } from './support/hold.ts'
import { late401 } from './support/scenarios.ts'
import { connect, startSession, startStage, type TruthStage } from './support/stage.ts'

/** A session whose replays are listened to. */
async function start(stage: TruthStage, options: Partial<SessionOptions> = {}, tokenEndpoint?: string) {
  const session = startSession(stage, options, tokenEndpoint)
  await session.signIn(stage.pair)
  /** Whether the replays were late, in order. */
  const late: boolean[] = []
  session.on('replayed', (event) => late.push(event.late))
  const expire = async () => stage.expire((await session.getTokens()).accessToken)
  return { session, api: connect(stage, session), late, expire }
}

test('a 401 that arrives 700 ms after the refresh is replayed with the new token, without another token request', async () => {
  const stage = await startStage()
  const { session, api, late } = await start(stage)
  // The late request is one of another instance.
  expect(await late401(stage, [connect(stage, session), api])).toEqual({
    succeeded: 2,
    ok: 2,
    unauthorized: 2,
    tokenRequests: 1,
    refreshes: 1,
    reused: 0,
    grantsRevoked: 0,
    usedBeforeSaved: 0,
  })
  expect(late).toEqual([false, true])
  const { accessToken } = await session.getTokens()
  expect(stage.arrivals).toEqual([stage.pair.access_token, stage.pair.access_token, accessToken, accessToken])
})

test('a 401 that is two refreshes old is replayed with the newest token', async () => {
  const stage = await startStage()
  const { session, api, late, expire } = await start(stage)
  await expire()
  const answer = stage.holdNextAnswer()
  const old = api.get('/v1/payments/0')
  await answer.arrived
  await api.get('/v1/payments/1')
  await expire()
  await api.get('/v1/payments/2')

  answer.release()
  expect((await old).status).toBe(200)
  expect(late).toEqual([false, false, true])
  expect(stage.arrivals.at(-1)).toBe((await session.getTokens()).accessToken)
  expect(stage.seen()).toMatchObject({ tokenRequests: 2, refreshes: 2, reused: 0, grantsRevoked: 0 })
})

test('a 401 that arrives during the next refresh waits for its pair', async () => {
  const stage = await startStage()
  const endpoint = await gate(stage.server.tokenEndpoint)
  let noticed = () => {}
  const shouldRefresh = ({ status }: { status: number }) => {
    if (status === 401) noticed()
    return status === 401
  }
  const { session, api, late, expire } = await start(stage, { shouldRefresh }, endpoint.url)
  await expire()
  const answer = stage.holdNextAnswer()
  const old = api.get('/v1/payments/0')
  await answer.arrived
  await api.get('/v1/payments/1')
  await expire()
  const pair = endpoint.holdNextAnswer()
  const next = api.get('/v1/payments/2')
  await pair.arrived

  const oldNoticed = new Promise<void>((resolve) => {
    noticed = resolve
  })
  answer.release()
  await oldNoticed
  pair.release()
  expect([(await old).status, (await next).status]).toEqual([200, 200])
  expect(late.toSorted()).toEqual([false, false, true])
  const { accessToken } = await session.getTokens()
  expect(stage.arrivals.slice(-2)).toEqual([accessToken, accessToken])
  expect(stage.seen()).toMatchObject({ ok: 3, unauthorized: 3, tokenRequests: 2, refreshes: 2, reused: 0, grantsRevoked: 0 })
})

// Proofs that cannot fail prove nothing. Here the scenarios of the other files are run on what people
// write instead, and on sessions that are set up wrongly: the servers must notice.
import { describe, expect, test } from 'vitest'
import { byHand } from '../../examples/demo/by-hand.ts'
import { concurrent401s, late401 } from './support/scenarios.ts'
import { sharedPromise } from './support/shared-promise.ts'
import { connect, startSession, startStage, times } from './support/stage.ts'

const STORM = { requests: 60, seed: 1, tokenLatencyMs: 50 }

describe('an interceptor that shares nothing', () => {
  test('sends refresh tokens twice and loses the grant when 401s come together', async () => {
    const stage = await startStage()
    const outcome = await concurrent401s(stage, [await byHand(stage)], STORM)
    expect(outcome.tokenRequests).toBeGreaterThan(1)
    expect(outcome.reused).toBeGreaterThan(0)
    expect(outcome.grantsRevoked).toBeGreaterThan(0)
    expect(outcome.succeeded).toBeLessThan(STORM.requests)
    expect(await stage.grantAlive()).toBe(false)
  })

  test('refreshes again for a late 401', async () => {
    const stage = await startStage()
    expect(await late401(stage, [await byHand(stage)])).toMatchObject({ succeeded: 2, tokenRequests: 2 })
  })

  test('asks once for every waiter when the grant is revoked', async () => {
    const stage = await startStage()
    const api = await byHand(stage)
    await stage.revoke(stage.pair.refresh_token)
    await Promise.allSettled(times(20, (id) => api.get(`/v1/payments/${id}`)))
    expect(stage.seen()).toMatchObject({ tokenRequests: 20, refreshes: 0 })
  })
})

describe('an interceptor that shares the running refresh', () => {
  test('makes more than one token request when 401s come with jitter', async () => {
    const stage = await startStage()
    const outcome = await concurrent401s(stage, [sharedPromise(stage)], STORM)
    expect(outcome).toMatchObject({ succeeded: STORM.requests, unauthorized: STORM.requests, reused: 0 })
    expect(outcome.tokenRequests).toBeGreaterThan(1)
  })

  test('loses the grant when there are several of it, one for each instance', async () => {
    const stage = await startStage()
    const outcome = await concurrent401s(
      stage,
      times(3, () => sharedPromise(stage)),
      STORM,
    )
    expect(outcome.reused).toBeGreaterThan(0)
    expect(await stage.grantAlive()).toBe(false)
  })

  test('refreshes again for a late 401', async () => {
    const stage = await startStage()
    expect(await late401(stage, [sharedPromise(stage)])).toMatchObject({ succeeded: 2, tokenRequests: 2 })
  })
})

describe('a session that is set up wrongly', () => {
  test('loses the grant when another one has the same pair, and none of them loads it again', async () => {
    const stage = await startStage()
    const apis = times(2, () => connect(stage, startSession(stage, { load: undefined, save: undefined, tokens: stage.pair })))
    await stage.expire()
    for (const api of apis) await api.get('/v1/payments/1').catch(() => {})
    expect(stage.seen()).toMatchObject({ tokenRequests: 2, reused: 1, grantsRevoked: 1 })
    expect(await stage.grantAlive()).toBe(false)
  })

  test('uses a pair before it is on the disk when save does not wait', async () => {
    const stage = await startStage()
    let written = Promise.resolve()
    const save = (tokens: unknown) => {
      written = new Promise((resolve) => setTimeout(resolve, 200)).then(() => stage.file.write(tokens))
    }
    const session = startSession(stage, { save, load: undefined, tokens: stage.pair })
    await concurrent401s(stage, [connect(stage, session)], { ...STORM, requests: 20, tokenLatencyMs: 0 })
    await written
    expect(stage.seen()).toMatchObject({ tokenRequests: 1, reused: 0 })
    expect(stage.seen().usedBeforeSaved).toBeGreaterThan(0)
  })
})

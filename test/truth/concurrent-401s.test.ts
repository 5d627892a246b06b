import { expect, test } from 'vitest'
import { concurrent401s } from './support/scenarios.ts'
import { connect, startSession, startStage, times } from './support/stage.ts'

const REQUESTS = 1000
/** How often, each time with other latencies: `RUNS=100` must pass as well. */
const RUNS = Number(process.env.RUNS ?? 3)
/** Where the latencies of the first run come from: `SEED=...` repeats those of a run that failed. */
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))

const seeds = times(RUNS, (run) => SEED + run)

test.each(seeds)(
  '1,000 requests of 3 instances with an expired token: 1 token request, 1,000 times 200 (seed %i)',
  async (seed) => {
    const stage = await startStage()
    const session = startSession(stage)
    await session.signIn(stage.pair)
    const apis = [connect(stage, session), connect(stage, session, { timeout: 60_000 }), connect(stage, session, { adapter: 'fetch' })]

    expect(await concurrent401s(stage, apis, { requests: REQUESTS, seed })).toEqual({
      succeeded: REQUESTS,
      ok: REQUESTS,
      unauthorized: REQUESTS,
      tokenRequests: 1,
      refreshes: 1,
      reused: 0,
      grantsRevoked: 0,
      usedBeforeSaved: 0,
    })

    // The grant is alive: the next refresh works as well.
    await stage.expire((await session.getTokens()).accessToken)
    expect((await apis[0]?.get('/v1/payments/1'))?.status).toBe(200)
    expect(stage.seen()).toMatchObject({ tokenRequests: 2, refreshes: 2, reused: 0, grantsRevoked: 0 })
    expect(await stage.grantAlive()).toBe(true)
  },
  60_000,
)

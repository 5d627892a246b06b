import { describe, expect, test } from 'vitest'
import { connect, SELLER, startSession, startStage, type TruthStage, times } from './support/stage.ts'

const HOUR = 60 * 60 * 1000

/** What a process does when it starts: it knows nothing but the row. */
function restart(stage: TruthStage) {
  const session = startSession(stage)
  const refreshed = new Promise<void>((resolve) => session.on('refreshed', () => resolve()))
  const api = connect(stage, session)
  const pay = async () => {
    const answers = await Promise.all(times(5, (id) => api.get(`/v1/payments/${id}`)))
    return answers.map(({ status }) => status)
  }
  return { session, refreshed, pay }
}

const OK = times(5, () => 200)

/** Whatever it started from: from here on it is a session like any other, and the row says so. */
async function expectHealthy(stage: TruthStage, { session, pay }: ReturnType<typeof restart>): Promise<void> {
  const before = stage.seen()
  await stage.expire((await session.getTokens()).accessToken)
  expect(await pay()).toEqual(OK)
  const { tokenRequests, refreshes } = before
  expect(stage.seen()).toMatchObject({ tokenRequests: tokenRequests + 1, refreshes: refreshes + 1, reused: 0, grantsRevoked: 0 })
  expect(await stage.file.read()).toEqual({ ...(await session.getTokens()) })
  expect(await stage.grantAlive()).toBe(true)
}

describe('a session starts again', () => {
  test('from what was saved at the sign-in', async () => {
    const stage = await startStage()
    const former = startSession(stage)
    await former.signIn(stage.pair)
    await former.close()

    const process = restart(stage)
    expect(await process.pay()).toEqual(OK)
    expect(stage.seen()).toMatchObject({ ok: 5, unauthorized: 0, tokenRequests: 0 })
    await expectHealthy(stage, process)
  })

  test('from what was saved by a refresh, ten times in a row', async () => {
    const stage = await startStage()
    await startSession(stage).signIn(stage.pair)
    for (let start = 1; start <= 10; start++) {
      const process = restart(stage)
      await expectHealthy(stage, process)
      await process.session.close()
      expect(stage.seen()).toMatchObject({ tokenRequests: start, unauthorized: 5 * start, ok: 5 * start })
    }
    expect((await stage.file.read())?.extra, 'what else Mercado Pago sent').toMatchObject({ user_id: SELLER, live_mode: true })
  })

  test('from a refresh token alone: the first requests wait for one refresh', async () => {
    const stage = await startStage()
    await stage.file.write({ refreshToken: stage.pair.refresh_token })
    const process = restart(stage)
    expect(await process.pay()).toEqual(OK)
    expect(stage.seen()).toMatchObject({ ok: 5, unauthorized: 0, tokenRequests: 1, refreshes: 1, usedBeforeSaved: 0 })
    await expectHealthy(stage, process)
  })

  test('from a raw token response: its age is unknown, so it is served, and renewed in the background', async () => {
    const stage = await startStage()
    await stage.file.write(stage.pair)
    const process = restart(stage)
    expect(await process.pay()).toEqual(OK)
    await process.refreshed
    expect(stage.seen()).toMatchObject({ ok: 5, unauthorized: 0, tokenRequests: 1, refreshes: 1, usedBeforeSaved: 0 })
    await expectHealthy(stage, process)
  })

  test('from a raw token response whose token is dead: the 401s and the renewal are one refresh', async () => {
    const stage = await startStage()
    await stage.file.write(stage.pair)
    await stage.expire()
    const process = restart(stage)
    expect(await process.pay()).toEqual(OK)
    expect(stage.seen()).toMatchObject({ ok: 5, tokenRequests: 1, refreshes: 1, reused: 0 })
    await expectHealthy(stage, process)
  })

  const row = (stage: TruthStage, expiresAt: number) => {
    const { access_token, refresh_token } = stage.pair
    return { access_token, refresh_token, expires_at: new Date(expiresAt).toISOString(), updated_by: 'the nightly job' }
  }

  test('from a row with an ISO date to come: the token is used', async () => {
    const stage = await startStage()
    await stage.file.write(row(stage, Date.now() + 100 * 24 * HOUR))
    const process = restart(stage)
    expect(await process.pay()).toEqual(OK)
    expect(stage.seen()).toMatchObject({ ok: 5, unauthorized: 0, tokenRequests: 0 })
    await expectHealthy(stage, process)
  })

  test('from a row with an ISO date that is over: the token is not even tried', async () => {
    const stage = await startStage()
    await stage.file.write(row(stage, Date.now() - HOUR))
    const process = restart(stage)
    expect(await process.pay()).toEqual(OK)
    expect(stage.arrivals).not.toContain(stage.pair.access_token)
    expect(stage.seen()).toMatchObject({ ok: 5, unauthorized: 0, tokenRequests: 1, refreshes: 1, usedBeforeSaved: 0 })
    await expectHealthy(stage, process)
  })
})

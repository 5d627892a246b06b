import { expect, test } from 'vitest'
import { connect, startSession, startStage, times } from './support/stage.ts'

const ROTATIONS = 200

test('200 rotations in a row are 200 token requests, and after each the newest pair is what is saved', async () => {
  const stage = await startStage()
  const session = startSession(stage)
  await session.signIn(stage.pair)
  const api = connect(stage, session)
  const refreshTokens = new Set([stage.pair.refresh_token])

  for (let rotation = 1; rotation <= ROTATIONS; rotation++) {
    const former = (await session.getTokens()).accessToken
    await stage.expire(former)
    const answers = await Promise.all(times(3, (id) => api.get(`/v1/payments/${id}`)))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(stage.seen()).toMatchObject({ tokenRequests: rotation, refreshes: rotation, unauthorized: 3 * rotation, ok: 3 * rotation })

    const stored = await stage.file.read()
    expect(stored).toEqual({ ...(await session.getTokens()) })
    expect(stored?.accessToken).not.toBe(former)
    expect(await stage.server.accepts(String(stored?.accessToken))).toBe(true)
    refreshTokens.add(String(stored?.refreshToken))
  }

  expect(stage.seen()).toMatchObject({ reused: 0, grantsRevoked: 0, usedBeforeSaved: 0 })
  expect(refreshTokens.size, 'different refresh tokens').toBe(ROTATIONS + 1)
  expect(stage.written, 'one write for the sign-in and for each rotation').toHaveLength(ROTATIONS + 1)
  expect(await stage.grantAlive()).toBe(true)
}, 60_000)

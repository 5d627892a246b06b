import { expect, test } from 'vitest'
import { gate } from './support/hold.ts'
import { MovableClock } from './support/movable-clock.ts'
import { connect, startSession, startStage, times } from './support/stage.ts'

const DAY = 24 * 60 * 60 * 1000

/** A process that finds a pair with 20 days to live: Mercado Pago's are renewed from 30 days on. */
async function startWithExpiringPair() {
  const stage = await startStage()
  const issuedAt = Date.now() - 160 * DAY
  await stage.file.write({ ...stage.pair, issued_at: issuedAt })
  const endpoint = await gate(stage.server.tokenEndpoint)
  const clock = new MovableClock()
  const session = startSession(stage, { clock }, endpoint.url)
  /** What happened, in order. */
  const order: string[] = []
  const refreshed = new Promise<void>((resolve) => {
    session.on('refreshed', () => {
      order.push('refreshed')
      resolve()
    })
  })
  const api = connect(stage, session)
  const pay = async (id: number) => {
    const { status } = await api.get(`/v1/payments/${id}`)
    order.push(`payment: ${status}`)
  }
  return { stage, session, clock, endpoint, order, refreshed, pay }
}

test('an expiring token is renewed in the background, while requests go on with it', async () => {
  const { stage, session, endpoint, order, refreshed, pay } = await startWithExpiringPair()
  const answer = endpoint.holdNextAnswer()
  await pay(0)
  await answer.arrived
  order.push('the token endpoint holds its answer back')
  for (let id = 1; id <= 10; id++) await pay(id)
  await Promise.all(times(40, (i) => pay(11 + i)))
  order.push('the token endpoint answers')
  answer.release()
  await refreshed
  await pay(51)

  expect(order).toEqual([
    'payment: 200',
    'the token endpoint holds its answer back',
    ...times(50, () => 'payment: 200'),
    'the token endpoint answers',
    'refreshed',
    'payment: 200',
  ])
  const { accessToken } = await session.getTokens()
  expect(stage.arrivals).toEqual([...times(51, () => stage.pair.access_token), accessToken])
  expect(await stage.file.read()).toMatchObject({ accessToken })
  expect(stage.seen()).toEqual({
    ok: 52,
    unauthorized: 0,
    tokenRequests: 1,
    refreshes: 1,
    reused: 0,
    grantsRevoked: 0,
    usedBeforeSaved: 0,
  })
})

test('requests that come when the token is about to expire wait for the renewal under way, and start no other', async () => {
  const { stage, clock, endpoint, order, refreshed, pay } = await startWithExpiringPair()
  const answer = endpoint.holdNextAnswer()
  await pay(0)
  await answer.arrived
  clock.ahead = 20 * DAY - 10_000
  const waiting = times(20, (i) => pay(1 + i))
  order.push('the token endpoint answers')
  answer.release()
  await Promise.all([...waiting, refreshed])

  expect(order).toEqual(['payment: 200', 'the token endpoint answers', 'refreshed', ...times(20, () => 'payment: 200')])
  expect(stage.replayed, 'requests with the new token').toBe(20)
  expect(stage.seen()).toMatchObject({ ok: 21, unauthorized: 0, tokenRequests: 1, reused: 0, grantsRevoked: 0, usedBeforeSaved: 0 })
})

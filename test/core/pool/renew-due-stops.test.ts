import { oauth2, RefreshFailedError, type RenewReport } from 'axios-renew'
import { describe, expect, it } from 'vitest'
import { settle } from '../../../src/testing/settle.ts'
import { serve } from '../../support/attached.ts'
import { rejection } from '../../support/session-kit.ts'
import { fail } from '../../support/token-server.ts'
import { HOUR, Sellers } from './sellers.ts'

const MINUTE = 60_000
/** All of them are due. */
const all = { withinMs: 2 * HOUR }

async function signedIn(count: number, options = {}) {
  const sellers = new Sellers()
  const pool = sellers.pool(options)
  const accounts = await sellers.signIn(pool, count)
  return { sellers, pool, accounts }
}

/** Keeps what came of a run, without waiting for it. */
function outcomeOf(run: Promise<RenewReport>): { report?: RenewReport; error?: unknown } {
  const outcome: { report?: RenewReport; error?: unknown } = {}
  run.then(
    (report) => Object.assign(outcome, { report }),
    (error) => Object.assign(outcome, { error }),
  )
  return outcome
}

describe('pool.renewDue is paused', () => {
  it.each([
    ['429 with Retry-After: 120', () => fail(429, {}, { 'retry-after': '120' }), 120_000, 120_000],
    ['503 with Retry-After: 30', () => fail(503, {}, { 'retry-after': '30' }), 30_000, 30_000],
    ['429 alone', () => fail(429), 1000, 2000],
    ['503 alone', () => fail(503), 1000, 2000],
    ['429 with Retry-After: 86400', () => fail(429, {}, { 'retry-after': '86400' }), 600_000, 600_000],
    [
      'a retryAt of tomorrow',
      () => {
        throw new RefreshFailedError('later', { retryAfter: 1000, retryAt: Date.parse('2027-01-01') })
      },
      600_000,
      600_000,
    ],
  ])('as a whole by %s, and tries that account again', async (_, answer, atLeast, atMost) => {
    const { sellers, pool } = await signedIn(4)
    sellers.turnAway('s1', answer)
    const outcome = outcomeOf(pool.renewDue({ ...all, concurrency: 1 }))
    await sellers.clock.advance(atLeast - 1)
    expect(sellers.received).toEqual(['s0-r', 's1-r'])
    await sellers.clock.advance(atMost - atLeast + 1)
    const tooLong = answer.toString().includes('retryAt')
    // A session's own rest may be longer than any pause of the others.
    if (!tooLong) expect(sellers.received).toEqual(['s0-r', 's1-r', 's1-r', 's2-r', 's3-r'])
    await sellers.clock.advance(HOUR)
    expect(outcome.report).toMatchObject({ examined: 4, renewed: tooLong ? 3 : 4 })
    expect(sellers.revoked.size).toBe(0)
  })

  it('by 503 of a token endpoint that oauth2 asks', async () => {
    let answers = 0
    const tokenEndpoint = await serve((_, response) => {
      const body = { access_token: 'new', refresh_token: 'next', expires_in: 60 }
      if (answers++ === 0) response.writeHead(503, { 'retry-after': '1' }).end()
      else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
    const { sellers, pool } = await signedIn(1, oauth2({ tokenEndpoint, clientId: 'me' }))
    const outcome = outcomeOf(pool.renewDue(all))
    await expect.poll(() => sellers.clock.advance(0).then(() => sellers.clock.pending)).toBeGreaterThan(0)
    await expect.poll(() => sellers.clock.advance(1000).then(() => outcome.report)).toMatchObject({ renewed: 1 })
    expect(answers).toBe(2)
  })

  it('once by those that are turned away together, and not for so long as by one after the other', async () => {
    const { sellers, pool, accounts } = await signedIn(10)
    for (const account of accounts) sellers.turnAway(account, () => fail(429))
    const outcome = outcomeOf(pool.renewDue(all))
    await sellers.clock.advance(2000)
    expect(outcome.report).toMatchObject({ renewed: 10 })
  })

  it('ever longer while it lasts, and an account is tried three times', async () => {
    const { sellers, pool } = await signedIn(2)
    sellers.turnAway('s0', ...Array.from({ length: 3 }, () => () => fail(429)))
    const outcome = outcomeOf(pool.renewDue({ ...all, concurrency: 1 }))
    await sellers.clock.advance(HOUR / 2)
    expect(outcome.report).toMatchObject({ renewed: 1, failed: [{ account: 's0', error: { code: 'ERR_REFRESH_FAILED' } }] })
    const [first = 0, second = 0, third = 0, other = 0] = sellers.times
    expect(second - first).toBeGreaterThanOrEqual(1000)
    expect(third - second).toBeGreaterThanOrEqual(2000)
    expect(other - third).toBeGreaterThanOrEqual(4000)
  })

  it('and does not send a token again when it is uncertain what became of it', async () => {
    const { sellers, pool } = await signedIn(2)
    sellers.turnAway('s0', () => {
      throw new RefreshFailedError('no answer', { code: 'ERR_REFRESH_UNCERTAIN', retryAfter: 1000 })
    })
    const outcome = outcomeOf(pool.renewDue({ ...all, concurrency: 1 }))
    await sellers.clock.advance(MINUTE)
    expect(sellers.received).toEqual(['s0-r', 's1-r'])
    expect(outcome.report).toMatchObject({ renewed: 1, failed: [{ account: 's0' }] })
  })
})

describe('pool.renewDue stops', () => {
  it.each([
    ['invalid_grant', 'ended'],
    ['invalid_client', 'failed'],
  ] as const)('when five accounts in a row get %s', async (error, listed) => {
    const { sellers, pool, accounts } = await signedIn(12)
    for (const account of accounts) sellers.turnAway(account, () => fail(400, { error }))
    const report = await pool.renewDue({ ...all, concurrency: 1 })
    expect(report).toMatchObject({ examined: 5, stopped: { code: 'ERR_CLIENT_REJECTED' } })
    expect(report[listed]).toHaveLength(5)
    expect(report.stopped?.message).toContain('refused 5 accounts one after another')
    expect(sellers.received).toHaveLength(5)
  })

  it('not by four and a success, again and again', async () => {
    const { sellers, pool, accounts } = await signedIn(15)
    for (const [i, account] of accounts.entries()) if (i % 5 !== 4) sellers.revoked.add(account)
    const report = await pool.renewDue({ ...all, accounts, concurrency: 1 })
    expect(report).toMatchObject({ examined: 15, renewed: 3 })
    expect(report.ended).toHaveLength(12)
    expect(report.stopped).toBeUndefined()
  })

  it('not by accounts that had ended before', async () => {
    const { sellers, pool, accounts } = await signedIn(8)
    for (const account of accounts.slice(0, 7)) {
      sellers.revoked.add(account)
      await rejection(pool.session(account).refresh())
    }
    sellers.received.length = 0
    const report = await sellers.pool().renewDue({ ...all, accounts, concurrency: 1 })
    expect(report).toEqual({ examined: 8, renewed: 1, adopted: 0, ended: accounts.slice(0, 7), failed: [] })
    expect(sellers.received).toEqual(['s7-r'])
  })

  it('when its signal aborts: rejects at once, saves what is under way and begins nothing', async () => {
    const { sellers, pool } = await signedIn(6)
    sellers.hold = true
    const controller = new AbortController()
    const reason = new Error('the night is over')
    const outcome = outcomeOf(pool.renewDue({ ...all, concurrency: 2, signal: controller.signal }))
    await settle()
    controller.abort(reason)
    await settle()
    expect(outcome.error).toBe(reason)
    sellers.letGo()
    await settle()
    expect(sellers.received).toEqual(['s0-r', 's1-r'])
    expect((await sellers.store.read('s1'))?.record.generation).toBe(2)
    expect(await rejection(pool.renewDue({ ...all, signal: controller.signal }))).toBe(reason)
  })

  it.each(['its signal aborts', 'the pool is closed'])('a pause when %s, and its timer does not keep the process', async (how) => {
    const { sellers, pool } = await signedIn(3)
    sellers.turnAway('s0', () => fail(429, {}, { 'retry-after': '600' }))
    const controller = new AbortController()
    const outcome = outcomeOf(pool.renewDue({ ...all, concurrency: 1, signal: controller.signal }))
    await settle()
    expect(sellers.clock.pending).toBe(1)
    if (how === 'the pool is closed') await pool.close()
    else controller.abort()
    await settle()
    expect(sellers.clock.pending).toBe(0)
    expect(sellers.received).toEqual(['s0-r'])
    if (how === 'the pool is closed')
      expect(outcome.report).toMatchObject({ examined: 1, failed: [{ account: 's0' }], stopped: { message: 'The pool is closed' } })
    else expect(outcome.error).toBe(controller.signal.reason)
  })

  it('when the pool is closed, after the work under way, also while the list takes its time', async () => {
    const { sellers, pool } = await signedIn(3)
    sellers.hold = true
    async function* accounts() {
      yield* ['s0', 's1']
      await new Promise(() => {})
    }
    const outcome = outcomeOf(pool.renewDue({ ...all, accounts: accounts() }))
    await settle()
    const closing = pool.close()
    await settle()
    expect(outcome.report).toBeUndefined()
    sellers.letGo()
    await closing
    await settle()
    expect(outcome.report).toMatchObject({ examined: 2, renewed: 2, failed: [], stopped: { message: 'The pool is closed' } })
    expect((await sellers.store.read('s1'))?.record.generation).toBe(2)
  })

  it('with what the list throws, after the work under way', async () => {
    const { sellers, pool } = await signedIn(2)
    sellers.hold = true
    const broken = new Error('the database is gone')
    function* accounts() {
      yield 's0'
      throw broken
    }
    const outcome = outcomeOf(pool.renewDue({ ...all, accounts: accounts() }))
    await settle()
    expect(outcome.error).toBeUndefined()
    sellers.letGo()
    await settle()
    expect(outcome.error).toBe(broken)
    expect((await sellers.store.read('s0'))?.record.generation).toBe(2)
  })
})

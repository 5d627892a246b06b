import { describe, expect, test } from 'vitest'
import { milestones } from '../../src/core/tokens/validity.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const token = (lifetime: number, issuedAt: number | undefined = 0) => ({
  accessToken: 'a',
  issuedAt: issuedAt === 0 ? 1 : issuedAt,
  expiresAt: 1 + lifetime,
})

describe('milestones', () => {
  test('looks five minutes ahead and waits thirty seconds before the end of a long life', () => {
    expect(milestones(token(DAY), {}, 1)).toEqual({ dueAt: 1 + DAY - 5 * MINUTE, expiringAt: 1 + DAY - MINUTE / 2, expiresAt: 1 + DAY })
  })

  test('scales with a short life', () => {
    expect(milestones(token(5000), {}, 1)).toEqual({ dueAt: 1 + 4000, expiringAt: 1 + 4500, expiresAt: 5001 })
  })

  test('never takes more than half a life', () => {
    expect(milestones(token(5000), { refreshAheadMs: DAY, minValidityMs: DAY }, 1)).toEqual({
      dueAt: 2501,
      expiringAt: 2501,
      expiresAt: 5001,
    })
  })

  test('cannot shrink when the age is unknown', () => {
    const now = 1000 * DAY
    const kept = { accessToken: 'a', expiresAt: now + MINUTE }
    expect(milestones(kept, {}, 1)).toEqual({ dueAt: now - 4 * MINUTE, expiringAt: now + MINUTE / 2, expiresAt: now + MINUTE })
  })

  test('holds 180 days and a renewal 30 days ahead', () => {
    const life = milestones(token(180 * DAY), { refreshAheadMs: 30 * DAY }, 1)
    expect(life.dueAt).toBe(1 + 150 * DAY)
  })

  test('never looks ahead when told not to', () => {
    expect(milestones(token(DAY), { refreshAheadMs: 0 }, 1).dueAt).toBe(1 + DAY - MINUTE / 2)
  })

  test('lasts for ever when nothing is known', () => {
    expect(milestones({ accessToken: 'a' }, {}, 1).dueAt).toBe(Number.POSITIVE_INFINITY)
  })

  test('has expired without an access token', () => {
    expect(milestones({ refreshToken: 'r' }, {}, 1).expiresAt).toBeLessThanOrEqual(0)
    expect(milestones({}, {}, 1).dueAt).toBeLessThanOrEqual(0)
  })

  test('spreads the background refreshes of a fleet', () => {
    expect(milestones(token(DAY), {}, 0.9).dueAt).toBe(1 + DAY - 4.5 * MINUTE)
  })
})

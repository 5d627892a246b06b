import { SessionEndedError, SignedOutError, type TokenSet } from 'axios-renew'
import { authFetch } from 'axios-renew/fetch'
import { describe, expect, it } from 'vitest'
import { join } from '../../../src/core/session/single-flight.ts'
import { settle } from '../../../src/testing/settle.ts'
import { rejection } from '../../support/session-kit.ts'
import { fail } from '../../support/token-server.ts'
import { collectGarbage, crowd, inside, sleepWell } from './crowd.ts'
import { done, overRows, overStore, PAIR } from './scenes.ts'
import { HOUR } from './sellers.ts'

const textOf = ({ accessToken }: TokenSet): string => accessToken

describe.each([
  ['a store', overStore],
  ['load and save', overRows],
])('a session over %s that was put to sleep', (_, make) => {
  it('wakes up as it was', async () => {
    const { pool } = make()
    const s0 = pool.session('s0')
    await s0.signIn({ ...PAIR, scope: 'read', user_id: 7, nickname: null, tags: [1, null] })
    await done(s0.refresh())
    const { lineage, generation, formerLineages, spent } = inside(pool).get('s0')
    const snapshot = s0.getSnapshot()
    const tokens = await s0.getTokens().then(structuredClone<TokenSet>)
    expect(await sleepWell(pool, 's0')).toBe(true)
    expect(s0.getSnapshot()).toEqual(snapshot)
    expect(await s0.getTokens()).toEqual(tokens)
    expect(tokens.extra).toEqual({ user_id: 7, nickname: null, tags: [1, null] })
    expect(inside(pool).get('s0')).toMatchObject({ lineage, generation, formerLineages, spent })
    expect(generation).toBe(2)
  })

  it('compares tokens that it did not hand out by their access token', async () => {
    const { sellers, pool } = make()
    const s0 = pool.session('s0')
    await s0.signIn(PAIR)
    const old = await s0.getTokens().then(structuredClone<TokenSet>)
    await done(s0.refresh())
    expect(await sleepWell(pool, 's0')).toBe(true)
    expect(await s0.refresh({ rejected: old }).then(textOf)).toBe('s0-a1')
    expect(sellers.received).toEqual(['s0-r'])
    await sellers.clock.advance(2000)
    expect(await sleepWell(pool, 's0')).toBe(true)
    expect((await s0.refresh({ rejected: { accessToken: 's0-a1' } })).accessToken).toBe('s0-a2')
  })

  it('recognises tokens that somebody still holds, as there is never a second session beside', async () => {
    const { sellers, pool } = make()
    const s0 = pool.session('s0')
    await s0.signIn(PAIR)
    const old = await s0.getTokens()
    expect(await sleepWell(pool, 's0')).toBe(false)
    // The next user.
    await s0.signIn({ ...PAIR, access_token: 's0-b' })
    expect(await sleepWell(pool, 's0')).toBe(false)
    expect(await rejection(s0.refresh({ rejected: old }))).toBeInstanceOf(SignedOutError)
    expect(sellers.received).toEqual([])
  })

  it('is the one that a request still holds', async () => {
    const { pool } = make()
    await pool.session('s0').signIn(PAIR)
    const held = inside(pool).get('s0')
    crowd(pool)
    await collectGarbage()
    expect(inside(pool).get('s0')).toBe(held)
    crowd(pool)
    expect(inside(pool).visit('s0')).toBe(held)
    expect(inside(pool).get('s0')).toBe(held)
  })

  it('does not forget what a request brings about that it began before', async () => {
    const { sellers, pool } = make()
    await pool.session('s0').signIn(PAIR)
    await (async () => {
      const held = inside(pool).get('s0')
      crowd(pool)
      await join(held)
    })()
    await collectGarbage()
    expect(pool.session('s0').getSnapshot()).toMatchObject({ status: 'active', generation: 2 })
    expect((await pool.session('s0').getTokens()).accessToken).toBe('s0-a1')
    expect(sellers.received).toEqual(['s0-r'])
  })

  it('rests after a failure of a request that it began before', async () => {
    const { sellers, pool } = make()
    await pool.session('s0').signIn({ ...PAIR, expires_in: 60 })
    await sellers.clock.advance(HOUR)
    sellers.turnAway('s0', () => fail(503))
    await (async () => {
      const held = inside(pool).get('s0')
      crowd(pool)
      await rejection(join(held))
    })()
    crowd(pool)
    await collectGarbage()
    expect(await rejection(pool.session('s0').getTokens())).toMatchObject({ code: 'ERR_REFRESH_FAILED' })
    expect(sellers.received).toEqual(['s0-r'])
  })

  it('knows that its token was rejected, and how often it has failed', async () => {
    const { sellers, pool } = make()
    const s0 = pool.session('s0')
    await s0.signIn(PAIR)
    sellers.turnAway('s0', () => fail(503))
    await rejection(s0.refresh({ rejected: { accessToken: 's0-a' } }))
    await sellers.clock.advance(2000)
    expect(await sleepWell(pool, 's0')).toBe(true)
    expect(inside(pool).get('s0')).toMatchObject({ failures: 1, held: { rejected: true } })
  })

  it('makes no second refresh within a second', async () => {
    const { sellers, pool } = make()
    await pool.session('s0').signIn(PAIR)
    await done(pool.session('s0').refresh())
    expect(await sleepWell(pool, 's0')).toBe(true)
    expect((await pool.session('s0').refresh()).accessToken).toBe('s0-a1')
    expect(sellers.received).toEqual(['s0-r'])
  })

  it('counts futile refreshes, also when it was to be put to sleep while the request was replayed', async () => {
    const { sellers, pool } = make()
    await pool.session('s0').signIn(PAIR)
    let sent = 0
    const refuse = async () => {
      sent++
      crowd(pool)
      await collectGarbage()
      return new Response(null, { status: 401 })
    }
    const api = authFetch(pool.session('s0'), { origins: ['https://api.example.com'], fetch: refuse })
    for (let i = 0; i < 12; i++) {
      expect(await api('https://api.example.com/broken').then(({ status }) => status)).toBe(401)
      await collectGarbage()
    }
    expect(sellers.received).toHaveLength(6)
    expect(sent).toBe(18)
  })
})

describe('a session over a store that was put to sleep', () => {
  it('waits for nothing when it wakes up, and looks beside whether others have written', async () => {
    const { sellers, pool } = overStore()
    const s0 = pool.session('s0')
    await s0.signIn(PAIR)
    expect(await sleepWell(pool, 's0')).toBe(true)
    await done(sellers.pool().session('s0').refresh())
    await sellers.clock.advance(11_000)
    expect(s0.status).toBe('active')
    expect(await s0.getTokens().then(textOf)).toBe('s0-a')
    await settle()
    expect(await s0.getTokens().then(textOf)).toBe('s0-a1')
    expect(sellers.received).toEqual(['s0-r'])
  })

  it('never sends a token that another process has spent meanwhile', async () => {
    const { sellers, pool } = overStore()
    const s0 = pool.session('s0')
    await s0.signIn(PAIR)
    expect(await sleepWell(pool, 's0')).toBe(true)
    await sellers.clock.advance(HOUR)
    await sellers.pool().session('s0').getTokens()
    expect((await s0.getTokens()).accessToken).toBe('s0-a1')
    expect(sellers.received).toEqual(['s0-r'])
  })

  it('is read again when what it holds cannot be written as text', async () => {
    const { pool } = overStore()
    const s0 = pool.session('s0')
    await s0.signIn({ ...PAIR, user_id: 7n })
    expect(await sleepWell(pool, 's0')).toBe(true)
    expect((await s0.getTokens()).extra).toEqual({ user_id: 7n })
  })

  it('has ended when it wakes up', async () => {
    const { sellers, pool } = overStore()
    const s0 = pool.session('s0')
    await s0.signIn(PAIR)
    sellers.revoked.add('s0')
    await rejection(s0.refresh())
    await sellers.clock.advance(HOUR)
    expect(await sleepWell(pool, 's0')).toBe(true)
    expect(await rejection(s0.getTokens())).toBeInstanceOf(SessionEndedError)
    expect(sellers.received).toEqual(['s0-r'])
  })
})

describe('a session over load and save that was put to sleep', () => {
  it('never sends a token that it has spent, whatever load gives', async () => {
    const { sellers, rows, pool } = overRows()
    const s0 = pool.session('s0')
    await s0.signIn(PAIR)
    const stale = rows.byAccount.get('s0') as string
    await done(s0.refresh())
    expect(await sleepWell(pool, 's0')).toBe(true)
    rows.byAccount.set('s0', stale)
    await sellers.clock.advance(HOUR)
    expect((await s0.getTokens()).accessToken).toBe('s0-a2')
    expect(sellers.received).toEqual(['s0-r', 's0-r1'])
  })

  it('knows that there were tokens, so that their absence means a sign-out elsewhere', async () => {
    const { sellers, rows, pool } = overRows()
    rows.save({ accessToken: 's0-a', refreshToken: 's0-r', expiresAt: sellers.clock.now() + HOUR }, 's0')
    await done(pool.session('s0').getTokens())
    expect(await sleepWell(pool, 's0')).toBe(true)
    rows.byAccount.clear()
    await sellers.clock.advance(HOUR)
    expect(await rejection(pool.session('s0').getTokens())).toBeInstanceOf(SignedOutError)
    expect(sellers.received).toEqual([])
  })

  it('stays signed out, also when load still gives what was forgotten', async () => {
    const { rows, pool } = overRows()
    const s0 = pool.session('s0')
    await s0.signIn(PAIR)
    const stale = rows.byAccount.get('s0') as string
    await s0.signOut()
    expect(await sleepWell(pool, 's0')).toBe(true)
    rows.byAccount.set('s0', stale)
    expect(s0.status).toBe('signed-out')
    expect(await rejection(s0.getTokens())).toBeInstanceOf(SignedOutError)
  })
})

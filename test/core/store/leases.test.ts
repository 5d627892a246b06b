import { describe, expect, test } from 'vitest'
import { settle } from '../../../src/testing/settle.ts'
import { rejection } from '../../support/session-kit.ts'
import { prepare } from './scripted-store.ts'

const HOUR = 3600_000

describe('the lease', () => {
  test('when it is lost before the sending, nothing is sent and all begins anew', async () => {
    const { store, server, session } = await prepare()
    store.after = (operation, record) => {
      if (record?.refreshStartedAt !== undefined && store.leases.length === 1) store.leases[0]?.abort()
      if (operation === 'unlock' && store.leases.length === 1) expect(server.requests).toBe(0)
    }
    expect((await session.getTokens()).accessToken).toBe('a2')
    expect(store.count('lock')).toBe(2)
    expect(server.requests).toBe(1)
  })

  test('when it is lost after the sending, the answer is written all the same', async () => {
    const { store, server, session } = await prepare()
    server.hold = true
    const tokens = session.getTokens()
    await settle()
    store.leases[0]?.abort()
    server.pending[0]?.answer()
    expect((await tokens).accessToken).toBe('a2')
    expect(store.record).toMatchObject({ generation: 2, tokens: { accessToken: 'a2' } })
    expect([store.count('lock'), server.requests]).toEqual([1, 1])
  })

  test('is kept while callers have left, until the answer is written', async () => {
    const { store, server, session, clock } = await prepare()
    server.hold = true
    const left = rejection(session.getTokens())
    await clock.advance(30_000)
    expect((await left).code).toBe('ERR_REFRESH_UNCERTAIN')
    expect(store.locked).toBe(true)
    let lockedAtWrite = false
    store.before = (operation) => {
      if (operation === 'write') lockedAtWrite = store.locked
    }
    server.pending[0]?.answer()
    await settle()
    expect([lockedAtWrite, store.locked, store.record.generation]).toEqual([true, false, 2])
  })

  test('is given back when the token request was given up, and a late answer is written without it', async () => {
    const { store, server, session, clock } = await prepare()
    server.hold = true
    void rejection(session.getTokens())
    await clock.advance(60_000)
    expect(store.locked).toBe(false)
    server.pending[0]?.answer()
    await settle()
    expect(store.record).toMatchObject({ generation: 2, tokens: { accessToken: 'a2' } })
    expect((await session.getTokens()).accessToken).toBe('a2')
    expect(server.requests).toBe(1)
  })

  test('is kept while a pair is unsaved, and given back afterwards', async () => {
    const { store, server, session, clock } = await prepare()
    let broken = true
    store.before = (operation, record) => {
      if (broken && record?.generation === 2 && operation === 'write') throw new Error('the disk is full')
    }
    // onSaveFailure: 'serve'.
    expect((await session.getTokens()).accessToken).toBe('a2')
    await clock.advance(HOUR)
    expect(store.locked).toBe(true)
    expect(await rejection(session.getTokens())).toMatchObject({ code: 'ERR_SAVE_FAILED' })
    expect(server.requests).toBe(1)
    broken = false
    await clock.advance(60_000)
    expect([store.locked, store.record.generation]).toEqual([false, 2])
    expect((await session.getTokens()).accessToken).toBe('a3')
  })

  test('is what close waits for, also when it is taken after that', async () => {
    const { store, server, session } = await prepare()
    let goOn = () => {}
    store.before = (operation) => {
      if (operation === 'read' || operation === 'unlock') return new Promise<void>((resolve) => (goOn = resolve))
    }
    const tokens = session.getTokens()
    await settle()
    expect([store.asked, store.locked]).toEqual([['read'], false])
    let closed = false
    const closing = session.close().then(() => {
      closed = true
    })
    for (let step = 0; step < 5 && store.asked.at(-1) !== 'unlock'; step++) {
      goOn()
      await settle()
    }
    expect((await tokens).accessToken).toBe('a2')
    expect([store.asked.at(-1), store.locked, closed]).toEqual(['unlock', true, false])
    goOn()
    await closing
    expect([store.locked, server.requests]).toEqual([false, 1])
  })

  test('is what close waits for, and close stops the watching', async () => {
    const { store, server, session } = await prepare()
    server.hold = true
    const tokens = session.getTokens()
    await settle()
    let closed = false
    const closing = session.close().then(() => {
      closed = true
    })
    let goOn = () => {}
    store.before = (operation) => (operation === 'unlock' ? new Promise<void>((resolve) => (goOn = resolve)) : undefined)
    server.pending[0]?.answer()
    await tokens
    await settle()
    expect([closed, store.record.generation]).toEqual([false, 2])
    goOn()
    await closing
    expect([store.locked, store.watchers]).toEqual([false, []])
  })
})

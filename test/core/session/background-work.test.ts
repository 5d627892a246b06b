import { describe, expect, test } from 'vitest'
import { settle } from '../../../src/testing/settle.ts'
import { createKit } from '../../support/session-kit.ts'

const DUE = { access_token: 'a1', refresh_token: 'r1', expires_in: 60 }

/** A session with a token that is due, on a platform that freezes the process when the work it was told of is done. */
function setScene(options: Parameters<typeof createKit>[0] = {}) {
  const log: string[] = []
  const kit = createKit({
    load: undefined,
    tokens: DUE,
    save: (tokens) => void log.push(`saved ${tokens?.accessToken}`),
    ...options,
    waitUntil: (work) => void work.then(() => log.push('work is done')),
  })
  return { ...kit, log }
}

describe('waitUntil', () => {
  test('gets work that lasts until the pair is saved, however late the answer comes', async () => {
    const { session, server, clock, log } = setScene({ refreshTimeoutMs: 5000 })
    server.hold = true
    await session.getTokens()
    await clock.advance(6000)
    expect(log).toEqual(['saved a1'])
    server.pending[0]?.answer()
    await settle()
    expect(log).toEqual(['saved a1', 'saved a2', 'work is done'])
  })

  test('gets work that lasts until a save that had failed has worked', async () => {
    let failures = 0
    const { session, clock, log } = setScene({
      save: (tokens) => {
        if (tokens?.accessToken === 'a2' && ++failures < 3) throw new Error('disk full')
        log.push(`saved ${tokens?.accessToken}`)
      },
    })
    await session.getTokens()
    await settle()
    expect(log).toEqual(['saved a1'])
    await clock.advance(60_000)
    expect(log.slice(0, 3)).toEqual(['saved a1', 'saved a2', 'work is done'])
  })

  test('gets the refresh of a request that has left', async () => {
    const { session, server, log } = setScene({ tokens: {} })
    server.hold = true
    const controller = new AbortController()
    const waiter = session.getTokens({ signal: controller.signal }).catch(() => {})
    await settle()
    controller.abort()
    await waiter
    server.pending[0]?.answer({ access_token: 'a2' })
    await settle()
    expect(log).toEqual(['saved a2', 'work is done'])
  })

  test('may throw without disturbing anybody', async () => {
    const { session } = createKit({
      load: undefined,
      tokens: DUE,
      waitUntil: () => {
        throw new TypeError('Illegal invocation')
      },
    })
    expect(await session.getTokens()).toMatchObject({ accessToken: 'a1' })
  })
})

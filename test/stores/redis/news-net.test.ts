import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { keysOf } from '../../../src/stores/redis/keys.ts'
import { News } from '../../../src/stores/redis/news.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** News over a Redis that nobody can subscribe to, and whose answers come as they are given. */
function scene(answer: (key: string) => Promise<unknown>) {
  const connection = {
    send: async (_args: string[], key = '') => answer(key),
    isOpen: () => true,
    node: () => Promise.reject(new Error('subscribing is forbidden')),
  }
  return new News(connection, keysOf('net'))
}

test('a look whose answer never comes is followed by others, also for the accounts beside it', async () => {
  let version = 'version 1'
  let looks = 0
  const news = scene((key) => {
    looks++
    return looks === 1 || key.includes('hanging') ? new Promise(() => {}) : Promise.resolve(version)
  })
  const told: string[] = []
  const stops = ['hanging', 'seller'].map((account) => news.onWritten(account, () => told.push(account)))
  await vi.advanceTimersByTimeAsync(60_000)
  expect(looks).toBeGreaterThan(4)
  told.length = 0
  version = 'version 2'
  await vi.advanceTimersByTimeAsync(20_000)
  expect(told).toEqual(['seller'])
  for (const stop of stops) stop()
  await vi.advanceTimersByTimeAsync(60_000)
  looks = 0
  await vi.advanceTimersByTimeAsync(60_000)
  expect(looks).toBe(0)
})

import { memoryStore } from 'axios-renew'
import { testStore } from 'axios-renew/testing'
import { describe, expect, test } from 'vitest'

describe('memoryStore keeps the contract', () => {
  const store = memoryStore()
  testStore({ test, open: () => store })
})

test('a process stays for those who wait for a lock', async () => {
  const store = memoryStore()
  const signal = new AbortController().signal
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const holding = store.lock('seller', () => held, { waitMs: 0, signal })
  const before = timers()
  const waiting = store.lock('seller', async () => 'in', { waitMs: 5_000, signal })
  await new Promise(setImmediate)
  expect(timers()).toBe(before + 1)
  release()
  expect(await waiting).toBe('in')
  await holding
})

test('a process does not stay for one who has left', async () => {
  const store = memoryStore()
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const holding = store.lock('seller', () => held, { waitMs: 0, signal: new AbortController().signal })
  const before = timers()
  const leaving = new AbortController()
  const waiting = store.lock('seller', async () => 'in', { waitMs: 5_000, signal: leaving.signal })
  leaving.abort(new Error('left'))
  await expect(waiting).rejects.toThrow('left')
  expect(timers()).toBe(before)
  release()
  await holding
})

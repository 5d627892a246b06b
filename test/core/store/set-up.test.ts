import { createSession, createSessionPool, memoryStore } from 'axios-renew'
import { describe, expect, test } from 'vitest'

const store = memoryStore()

describe.each([
  ['createSession', (options: object) => createSession({ refresh: async () => null, store, ...options })],
  ['createSessionPool', (options: object) => createSessionPool({ refresh: async () => null, store, ...options })],
])('%s', (where, make) => {
  test.each([0, Number.POSITIVE_INFINITY])('takes no refreshTimeoutMs of %s', (refreshTimeoutMs) => {
    const message = `${where}: option 'refreshTimeoutMs': expected a finite number above 0 with a store, got ${refreshTimeoutMs}`
    expect(() => make({ refreshTimeoutMs })).toThrow(new TypeError(message))
  })

  test.each([-1, Number.NaN])('takes no refreshTimeoutMs of %s', (refreshTimeoutMs) => {
    expect(() => make({ refreshTimeoutMs })).toThrow(TypeError)
  })

  test.each(['read', 'write', 'lock', 'due', 'watch', 'onDegraded'])('takes no store whose %s is not a function', (part) => {
    const message = `${where}: option 'store.${part}': expected function, got number`
    expect(() => make({ store: { ...store, [part]: 1 } })).toThrow(new TypeError(message))
  })

  test.each(['due', 'watch', 'onDegraded'])('takes a store without %s', (part) => {
    expect(() => make({ store: { ...store, [part]: undefined } })).not.toThrow()
  })
})

import { webStore } from 'axios-renew/browser'
import { expect, test } from 'vitest'

test('can be made and watched on a server, where it cannot be used', async () => {
  const store = webStore()
  const stop = store.watch?.('default', () => {})
  stop?.()
  const refusal = /no IndexedDB here: webStore is for browsers/
  await expect(store.read('default')).rejects.toThrow(refusal)
  await expect(store.write('default', { tokens: null, generation: 1, lineage: 'x' }, null)).rejects.toThrow(refusal)
  const options = { waitMs: 0, signal: new AbortController().signal }
  await expect(store.lock('default', async () => 'done', options)).rejects.toThrow(refusal)
})

test.each([undefined, 'mine'])('takes %s for its name', (name) => {
  expect(webStore(name)).toBeTypeOf('object')
})

test('refuses what is no name', () => {
  expect(() => webStore('')).toThrow(new TypeError('webStore: name: expected string, got empty string'))
  expect(() => Reflect.apply(webStore, undefined, [7])).toThrow(TypeError)
})

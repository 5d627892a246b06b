import { expect, inject, it } from 'vitest'

/** Reviewed by hand: whatever is added here is downloaded by every user. */
const FILES = [
  'LICENSE',
  'README.md',
  'dist/browser.cjs',
  'dist/browser.d.cts',
  'dist/browser.d.mts',
  'dist/browser.mjs',
  'dist/chunks/core.cjs',
  'dist/chunks/core.d.cts',
  'dist/chunks/core.d.mts',
  'dist/chunks/core.mjs',
  'dist/chunks/errors.cjs',
  'dist/chunks/errors.mjs',
  'dist/chunks/oauth2.cjs',
  'dist/chunks/oauth2.mjs',
  'dist/chunks/stores.cjs',
  'dist/chunks/stores.mjs',
  'dist/encryption.cjs',
  'dist/encryption.d.cts',
  'dist/encryption.d.mts',
  'dist/encryption.mjs',
  'dist/fetch.cjs',
  'dist/fetch.d.cts',
  'dist/fetch.d.mts',
  'dist/fetch.mjs',
  'dist/file.cjs',
  'dist/file.d.cts',
  'dist/file.d.mts',
  'dist/file.mjs',
  'dist/index.cjs',
  'dist/index.d.cts',
  'dist/index.d.mts',
  'dist/index.mjs',
  'dist/platform.cjs',
  'dist/platform.mjs',
  'dist/platform.node.cjs',
  'dist/platform.node.mjs',
  'dist/postgres.cjs',
  'dist/postgres.d.cts',
  'dist/postgres.d.mts',
  'dist/postgres.mjs',
  'dist/providers.cjs',
  'dist/providers.d.cts',
  'dist/providers.d.mts',
  'dist/providers.mjs',
  'dist/redis.cjs',
  'dist/redis.d.cts',
  'dist/redis.d.mts',
  'dist/redis.mjs',
  'dist/testing.cjs',
  'dist/testing.d.cts',
  'dist/testing.d.mts',
  'dist/testing.mjs',
  'package.json',
]

it('packs these files and no others', () => {
  expect(inject('packed').files).toEqual(FILES)
})

it('packs to less than 200 kB', () => {
  expect(inject('packed').size).toBeLessThan(200_000)
})

import { createSessionPool, memoryStore, type SessionRecord, StoreError, type TokenStore } from 'axios-renew'
import { encryptedStore } from 'axios-renew/encryption'
import { testStore } from 'axios-renew/testing'
import { describe, expect, test, vi } from 'vitest'

const key = (seed: number) => new Uint8Array(32).map((_, index) => (seed * 31 + index * 7) % 256)
const record = (fields: Partial<SessionRecord> = {}): SessionRecord => ({
  tokens: {
    accessToken: 'a1',
    refreshToken: 'r1',
    tokenType: 'DPoP',
    expiresAt: 1_893_456_000_123,
    issuedAt: 1_893_434_400_001,
    scope: 'offline_access',
    extra: { user_id: 123_456_789, nested: { public_key: 'APP_USR-ñ🦆' } },
  },
  generation: 3,
  lineage: 'one-sign-in',
  client: 'a fingerprint',
  ...fields,
})

function scene(inner: TokenStore = memoryStore()) {
  return { inner, store: encryptedStore(inner, { keys: { k1: key(1) }, use: 'k1' }) }
}

/** Writes by the inner store what stands there, changed. */
async function tamper(inner: TokenStore, account: string, change: (record: SessionRecord) => SessionRecord): Promise<void> {
  const stored = await inner.read(account)
  if (!stored) throw new Error('nothing to tamper with')
  await inner.write(account, change(stored.record), stored.version)
}

async function errorOf(promise: Promise<unknown>): Promise<StoreError> {
  const error: unknown = await promise.then(
    () => undefined,
    (error) => error,
  )
  expect(error).toBeInstanceOf(StoreError)
  expect(error).toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
  expect(error).not.toHaveProperty('cause')
  return error as StoreError
}

describe('over memoryStore it keeps the contract', () => {
  const { store } = scene()
  testStore({ test, open: () => store })
})

describe('what the inner store sees', () => {
  test('is a record with an envelope for an access token, and when it expires', async () => {
    const { inner, store } = scene()
    const version = await store.write('seller', record(), null)

    const stored = await inner.read('seller')
    expect(stored).toEqual({
      version,
      record: {
        ...record(),
        tokens: { accessToken: expect.stringMatching(/^axios-renew:1:k1:[\w-]{16}:[\w-]+$/), expiresAt: 1_893_456_000_123 },
      },
    })
    expect(await store.read('seller')).toEqual({ version, record: record() })
  })

  test('shows nothing of the tokens', async () => {
    const { inner, store } = scene()
    await store.write('seller', record(), null)
    const text = JSON.stringify(await inner.read('seller'))
    for (const secret of ['a1', 'r1', 'DPoP', 'offline_access', '123456789', 'user_id', 'APP_USR', '1893434400001']) {
      expect(text).not.toContain(`"${secret}`)
      // Two or three letters of base64 come up by chance.
      if (secret.length > 6) expect(text).not.toContain(Buffer.from(secret).toString('base64url').slice(0, -1))
    }
  })

  test('has no expiry when the tokens have none, and no tokens after a sign-out', async () => {
    const { inner, store } = scene()
    const version = await store.write('seller', record({ tokens: { accessToken: 'a1' } }), null)
    expect(Object.keys((await inner.read('seller'))?.record.tokens ?? {})).toEqual(['accessToken'])
    await store.write('seller', record({ tokens: null }), version)
    expect((await inner.read('seller'))?.record.tokens).toBeNull()
    expect((await store.read('seller'))?.record).toEqual(record({ tokens: null }))
  })

  test('is what was given to write, whatever happens to that meanwhile', async () => {
    const { store } = scene()
    const given = record()
    const written = store.write('seller', given, null)
    given.generation = 99
    Object.assign(given.tokens ?? {}, { accessToken: 'changed' })
    await written
    expect((await store.read('seller'))?.record).toEqual(record())
  })

  test('is never the same twice', async () => {
    const { inner, store } = scene()
    const seen = new Set<string | undefined>()
    let version: string | null = null
    for (let count = 1; count <= 100; count++) {
      version = await store.write('seller', record(), version)
      seen.add((await inner.read('seller'))?.record.tokens?.accessToken.split(':')[3])
    }
    expect(seen.size).toBe(100)
  })

  test('may be marked as begun and as ended', async () => {
    const { inner, store } = scene()
    await store.write('seller', record(), null)
    await tamper(inner, 'seller', (stored) => ({ ...stored, refreshStartedAt: 1 }))
    await tamper(inner, 'seller', (stored) => ({ ...stored, endedAt: 2 }))
    expect((await store.read('seller'))?.record).toEqual(record({ refreshStartedAt: 1, endedAt: 2 }))
  })
})

describe('keys', () => {
  test('rotate: the old one decrypts, the new one encrypts', async () => {
    const { inner, store: before } = scene()
    const version = await before.write('seller', record(), null)
    const after = encryptedStore(inner, { keys: { k1: key(1), k2: key(2) }, use: 'k2' })
    expect((await after.read('seller'))?.record).toEqual(record())
    await after.write('seller', record({ generation: 4 }), version)
    expect((await inner.read('seller'))?.record.tokens?.accessToken).toContain('axios-renew:1:k2:')
    const later = encryptedStore(inner, { keys: { k2: key(2) }, use: 'k2' })
    expect((await later.read('seller'))?.record).toEqual(record({ generation: 4 }))
  })

  test('are named when one is missing', async () => {
    const { inner, store } = scene()
    await store.write('seller', record(), null)
    const other = encryptedStore(inner, { keys: { k2: key(1) }, use: 'k2' })
    expect((await errorOf(other.read('seller'))).message).toBe(
      `The stored record of account "seller" cannot be read: it is encrypted with the key "k1", which is not in 'keys'`,
    )
  })

  test('of the same id that differ do not decrypt', async () => {
    const { inner, store } = scene()
    await store.write('seller', record(), null)
    const other = encryptedStore(inner, { keys: { k1: key(2) }, use: 'k1' })
    expect((await errorOf(other.read('seller'))).message).toContain('the key "k1" does not decrypt it (is it the same key?')
  })

  test('of the same bytes under another id do not decrypt: the id is authenticated', async () => {
    const { inner } = scene()
    const store = encryptedStore(inner, { keys: { k1: key(1), k2: key(1) }, use: 'k1' })
    await store.write('seller', record(), null)
    await tamper(inner, 'seller', (stored) => ({
      ...stored,
      tokens: stored.tokens && { ...stored.tokens, accessToken: stored.tokens.accessToken.replace(':k1:', ':k2:') },
    }))
    await errorOf(store.read('seller'))
  })

  test.each(['a:b', '%3A', '__proto__', 'ключ', ' ', '2026-01'])('may be called %s', async (id) => {
    const inner = memoryStore()
    const store = encryptedStore(inner, { keys: { ['__proto__']: key(3), [id]: key(1) }, use: id })
    await store.write('seller', record(), null)
    expect((await store.read('seller'))?.record).toEqual(record())
    const other = encryptedStore(inner, { keys: { k2: key(1) }, use: 'k2' })
    expect((await errorOf(other.read('seller'))).message).toContain(`the key ${JSON.stringify(id)}, which`)
  })

  test('are copied: one that is wiped later still works', async () => {
    const bytes = key(1)
    const inner = memoryStore()
    const store = encryptedStore(inner, { keys: { k1: bytes }, use: 'k1' })
    bytes.fill(0)
    await store.write('seller', record(), null)
    expect((await scene(inner).store.read('seller'))?.record).toEqual(record())
  })

  test('may be Buffers, also a part of a larger one', async () => {
    const inner = memoryStore()
    const pool = Buffer.concat([Buffer.alloc(7, 1), key(1), Buffer.alloc(9, 2)])
    await encryptedStore(inner, { keys: { k1: pool.subarray(7, 39) }, use: 'k1' }).write('seller', record(), null)
    expect((await scene(inner).store.read('seller'))?.record).toEqual(record())
  })

  test('are imported again, should that have failed once', async () => {
    const { store } = scene()
    const importKey = vi.spyOn(crypto.subtle, 'importKey').mockRejectedValueOnce(new DOMException('out of memory', 'OperationError'))
    try {
      await expect(store.write('seller', record(), null)).rejects.toThrow('out of memory')
      expect(await store.write('seller', record(), null)).toBeTruthy()
      expect((await store.read('seller'))?.record).toEqual(record())
      expect(importKey).toHaveBeenCalledTimes(2)
    } finally {
      importKey.mockRestore()
    }
  })
})

describe('a row that was put somewhere else', () => {
  const swaps: [string, Partial<SessionRecord>][] = [
    ['generation', { generation: 4 }],
    ['lineage', { lineage: 'another-sign-in' }],
  ]

  test('does not decrypt for another account', async () => {
    const { inner, store } = scene()
    await store.write('seller', record(), null)
    const stored = await inner.read('seller')
    await inner.write('thief', stored?.record ?? record(), null)
    expect((await errorOf(store.read('thief'))).message).toContain('was the record stored for another account, or altered?')
  })

  test.each(swaps)('does not decrypt with another %s', async (_, fields) => {
    const { inner, store } = scene()
    await store.write('seller', record(), null)
    await tamper(inner, 'seller', (stored) => ({ ...stored, ...fields }))
    await errorOf(store.read('seller'))
  })

  test.each([1, undefined])('does not decrypt with expiresAt: %s', async (expiresAt) => {
    const { inner, store } = scene()
    await store.write('seller', record(), null)
    await tamper(inner, 'seller', (stored) => ({ ...stored, tokens: stored.tokens && { ...stored.tokens, expiresAt } }))
    await errorOf(store.read('seller'))
  })

  test('is told apart from one whose names only look the same when joined', async () => {
    const { inner, store } = scene()
    await store.write('a","b', record({ lineage: 'c' }), null)
    const stored = await inner.read('a","b')
    await inner.write('a', { ...(stored?.record ?? record()), lineage: 'b","c' }, null)
    await errorOf(store.read('a'))
  })
})

describe('what cannot be decrypted', () => {
  test('is found whichever bit is tampered with', async () => {
    const { inner, store } = scene()
    await store.write('seller', record({ tokens: { accessToken: 'a1' } }), null)
    const whole = (await inner.read('seller'))?.record.tokens?.accessToken ?? ''
    const [iv, ciphertext] = whole
      .split(':')
      .slice(3)
      .map((part) => Buffer.from(part, 'base64url'))
    for (const part of [iv, ciphertext]) {
      for (let bit = 0; bit < (part?.length ?? 0) * 8; bit++) {
        const flip = () => part?.writeUInt8((part.at(bit >> 3) ?? 0) ^ (1 << (bit & 7)), bit >> 3)
        flip()
        const accessToken = ['axios-renew:1:k1', iv?.toString('base64url'), ciphertext?.toString('base64url')].join(':')
        await tamper(inner, 'seller', (stored) => ({ ...stored, tokens: { accessToken } }))
        await errorOf(store.read('seller'))
        flip()
      }
    }
  })

  test.each(['a1', '', 'axios-renew:1:k1', 'axios-renew:2:k1:AAAA:AAAA', 'axios-renew:1:k1:AAAA:AAAA:AAAA'])(
    'is said to stand in the clear when it is no envelope (%s), without showing it',
    async (accessToken) => {
      const { inner, store } = scene()
      await inner.write('seller', record({ tokens: { accessToken, refreshToken: 'r1' } }), null)
      const { message } = await errorOf(store.read('seller'))
      expect(message).toBe('The stored record of account "seller" cannot be read: it is not encrypted')
    },
  )

  test.each(['axios-renew:1:k1:AAAA:AAAA', 'axios-renew:1:k1::', 'axios-renew:1:k1:*:*', 'axios-renew:1:%:AAAA:AAAA'])(
    'is a StoreError also when it is half an envelope (%s)',
    async (accessToken) => {
      const { inner, store } = scene()
      await inner.write('seller', record({ tokens: { accessToken } }), null)
      await errorOf(store.read('seller'))
    },
  )

  test('is a StoreError when the inner store gives what is no record', async () => {
    const { store } = scene({ ...memoryStore(), read: async () => ({ record: {} as SessionRecord, version: '1' }) })
    await errorOf(store.read('seller'))
  })

  test('is told by renewDue, which renews the others', async () => {
    const { inner, store } = scene()
    for (const account of ['seller 1', 'seller 2', 'seller 3'])
      await store.write(account, { tokens: { accessToken: 'a1', refreshToken: 'r1', expiresAt: 1 }, generation: 1, lineage: 'x' }, null)
    await tamper(inner, 'seller 1', (sealed) => ({ ...sealed, generation: 7 }))
    const pool = createSessionPool({ store, refresh: async () => ({ accessToken: 'a2', refreshToken: 'r2', expires_in: 3600 }) })
    const { renewed, failed } = await pool.renewDue({ withinMs: 0 })
    expect(renewed).toBe(2)
    expect(failed.map(({ account, error }) => [account, error.code])).toEqual([['seller 1', 'ERR_STORE_UNAVAILABLE']])
    await pool.close()
  })

  test('can be encrypted: read by the bare store, written by this one', async () => {
    const { inner, store } = scene()
    const version = await inner.write('seller', record(), null)
    const stored = await inner.read('seller')
    expect(await store.write('seller', stored?.record ?? record({ generation: 0 }), version)).not.toBeNull()
    expect((await store.read('seller'))?.record).toEqual(record())
  })
})

describe('the inner store', () => {
  test('keeps what it has: methods that are missing stay missing, and `this` stays its own', async () => {
    const memory = memoryStore()
    class Minimal implements TokenStore {
      #store = memory
      read(account: string) {
        return this.#store.read(account)
      }
      write(...args: Parameters<TokenStore['write']>) {
        return this.#store.write(...args)
      }
      lock<T>(...args: Parameters<typeof memory.lock<T>>) {
        return this.#store.lock(...args)
      }
    }
    class Full extends Minimal {
      calls: unknown[][] = []
      async *due(...args: unknown[]) {
        this.calls.push(args)
        yield 'seller'
      }
      watch(...args: unknown[]) {
        this.calls.push(args)
        return () => {}
      }
    }
    const onChange = () => {}
    expect(Object.keys(scene(new Minimal()).store)).toEqual(['read', 'write', 'lock'])
    const full = new Full()
    const { store } = scene(full)
    const found: string[] = []
    for await (const account of store.due?.(5, 'cursor') ?? []) found.push(account)
    store.watch?.('seller', onChange)
    expect(found).toEqual(['seller'])
    expect(full.calls).toEqual([
      [5, 'cursor'],
      ['seller', onChange],
    ])
  })

  test('is told of its own errors', async () => {
    const failure = new Error('the store is down')
    const { store } = scene({ ...memoryStore(), read: () => Promise.reject(failure), write: () => Promise.reject(failure) })
    await expect(store.read('seller')).rejects.toBe(failure)
    await expect(store.write('seller', record(), null)).rejects.toBe(failure)
  })
})

describe('set-up', () => {
  const set = (options: unknown) => () => encryptedStore(memoryStore(), options as never)

  test.each([
    [{ keys: { k1: new Uint8Array(16) }, use: 'k1' }, `encryptedStore: option 'keys': expected 32 bytes (Uint8Array) for "k1", got 16`],
    [{ keys: { k1: 'x'.repeat(32) }, use: 'k1' }, `encryptedStore: option 'keys': expected 32 bytes (Uint8Array) for "k1", got string`],
    [{ keys: { k1: undefined }, use: 'k1' }, `encryptedStore: option 'keys': expected 32 bytes (Uint8Array) for "k1", got undefined`],
    [{ keys: { k1: key(1) }, use: 'k2' }, "encryptedStore: option 'use': expected the id of one of the keys (k1), got k2"],
    [{ keys: {}, use: 'k2' }, "encryptedStore: option 'use': expected the id of one of the keys (there is none), got k2"],
    [{ keys: { k1: key(1) } }, "encryptedStore: option 'use': expected string, got undefined"],
    [{ use: 'k1' }, "encryptedStore: option 'keys': expected object, got undefined"],
    [{ keys: { k1: key(1) }, use: 'k1', algorithm: 'x' }, "encryptedStore: unknown option 'algorithm', expected keys, use"],
    [
      { keys: { '': key(1), k1: key(1) }, use: 'k1' },
      "encryptedStore: option 'keys': expected ids that are not empty and well-formed Unicode",
    ],
    [
      { keys: { '\ud800': key(1) }, use: '\ud800' },
      "encryptedStore: option 'keys': expected ids that are not empty and well-formed Unicode",
    ],
  ])('says what is wrong (%#)', (options, message) => {
    expect(set(options)).toThrow(new TypeError(message))
  })

  test('says that WebCrypto is missing', () => {
    vi.stubGlobal('crypto', { getRandomValues: crypto.getRandomValues.bind(crypto) })
    try {
      expect(set({ keys: { k1: key(1) }, use: 'k1' })).toThrow(
        new TypeError('encryptedStore: WebCrypto is missing (a page has it on https and localhost only)'),
      )
    } finally {
      vi.unstubAllGlobals()
    }
  })

  test('does not take something else for a store', () => {
    expect(() => encryptedStore(undefined as never, { keys: { k1: key(1) }, use: 'k1' })).toThrow(TypeError)
  })
})

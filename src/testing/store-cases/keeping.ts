import type { SessionRecord } from '../../core/store/token-store.ts'
import { randomName } from '../../stores/shared/random-name.ts'
import { expectSame, expectThat, get, put, type StoreCases, sleep, someRecord } from './scene.ts'

/** What is written is what is read. */
export const keeping: StoreCases = {
  'reads null of an account that was never written': async ({ store, account }) => {
    expectSame('read', await store.read(account), null)
  },

  'gives every field back, to every handle': async ({ store, other, account }) => {
    const record = someRecord({
      tokens: {
        accessToken: 'an access token',
        refreshToken: 'a refresh token',
        tokenType: 'DPoP',
        expiresAt: 1_893_456_000_123,
        issuedAt: 1_893_434_400_001,
        scope: 'read write offline_access',
        extra: {
          user_id: 123_456_789_012,
          live_mode: true,
          none: null,
          ratio: 0.25,
          empty: '',
          list: [1, ['two'], {}],
          deep: { a: { b: [] } },
        },
      },
      generation: 41,
      lineage: randomName(),
      client: 'a fingerprint',
    })
    const version = await put(store, account, record, null)
    for (const handle of [store, other]) expectSame('read', await handle.read(account), { record, version })
  },

  'keeps text as it is, in any script': async ({ store, account }) => {
    const text = 'ñandú 日本語 🦆👩‍👩‍👧 "quoted" \\back\\slash {brace} %20 \' ; -- \t\n\r\u2028 e\u0301 \u00e9'
    const record = someRecord({ tokens: { accessToken: text, scope: text, extra: { [text]: text } }, lineage: text, client: text })
    await put(store, account, record, null)
    expectSame('read', (await get(store, account)).record, record)
  },

  'keeps long tokens': async ({ store, account }) => {
    const record = someRecord({ tokens: { accessToken: 'x'.repeat(20_000), refreshToken: 'y'.repeat(20_000) } })
    await put(store, account, record, null)
    expectSame('read', (await get(store, account)).record, record)
  },

  'keeps a tombstone, which is not an account that was never written': async ({ store, other, account }) => {
    const version = await put(store, account, someRecord(), null)
    const record = someRecord({ tokens: null, generation: 0, lineage: 'a sign-out' })
    await put(store, account, record, version)
    expectSame('read', (await get(other, account)).record, record)
    expectSame('write over a tombstone as if nothing were stored', await other.write(account, someRecord(), null), null)
  },

  'keeps the marks of a begun and of a refused refresh, and takes them off': async ({ store, other, account }) => {
    let version = await put(store, account, someRecord(), null)
    for (const marks of [{ refreshStartedAt: 1_893_456_000_001 }, { endedAt: 1_893_456_000_002 }, {}]) {
      version = await put(store, account, someRecord(marks), version)
      expectSame('read', await other.read(account), { record: someRecord(marks), version })
    }
  },

  'takes an undefined field for an absent one': async ({ store, account }) => {
    const tokens = { accessToken: 'an access token', refreshToken: undefined, expiresAt: undefined, extra: { left: undefined } }
    await put(store, account, someRecord({ tokens, client: undefined, refreshStartedAt: undefined, endedAt: undefined }), null)
    expectSame('read', (await get(store, account)).record, someRecord({ tokens: { accessToken: 'an access token', extra: {} } }))
  },

  'replaces the whole record': async ({ store, account }) => {
    const full = someRecord({
      tokens: { accessToken: 'one', refreshToken: 'two', scope: 'read', extra: { a: 1 } },
      client: 'a fingerprint',
    })
    const version = await put(store, account, full, null)
    const bare = someRecord({ tokens: { accessToken: 'three' } })
    await put(store, account, bare, version)
    expectSame('read', (await get(store, account)).record, bare)
  },

  'is not changed by what a caller does to a record after writing it': async ({ store, account }) => {
    const record = someRecord({ tokens: { accessToken: 'one', extra: { list: [1] } } })
    const before = structuredClone(record)
    await put(store, account, record, null)
    spoil(record)
    expectSame('read', (await get(store, account)).record, before)
  },

  'is not changed by what a caller does to a record after reading it': async ({ store, account }) => {
    const before = someRecord({ tokens: { accessToken: 'one', extra: { list: [1] } } })
    await put(store, account, before, null)
    const { record } = await get(store, account)
    spoil(record)
    expectSame('read', (await get(store, account)).record, before)
  },

  'leaves the record that it is given alone': async ({ store, account }) => {
    const record = someRecord({ tokens: { accessToken: 'one', extra: { list: [1] } }, client: 'a fingerprint' })
    const before = structuredClone(record)
    await put(store, account, record, null)
    await sleep(0)
    expectSame('the record that was given to write', record, before)
    expectThat('the record that was given to write is frozen', !Object.isFrozen(record))
  },
}

/** Changes a record at every depth. */
function spoil(record: SessionRecord): void {
  const { tokens } = record
  record.generation = 99
  if (tokens) tokens.accessToken = 'changed'
  if (Array.isArray(tokens?.extra?.list)) tokens.extra.list.push(2)
}

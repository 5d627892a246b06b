import { chmod, mkdir, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { createSessionPool, StoreError } from 'axios-renew'
import { fileStore } from 'axios-renew/file'
import { describe, expect, test } from 'vitest'
import { scratch } from './support/scratch.ts'

const record = (generation = 1) => ({ tokens: { accessToken: 'a1', refreshToken: 'r1' }, generation, lineage: 'one sign-in' })
const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)
const onceFree = { waitMs: 0, signal: new AbortController().signal }
const DRAFT = 'tokens.json.00000000-0000-4000-8000-000000000000.draft'

describe('the file', () => {
  test('is made with its folders, for nobody but its owner', async () => {
    const folder = await scratch()
    const path = join(folder, 'new', 'folder', 'tokens.json')
    const store = fileStore(path)
    expect(await store.read('seller')).toBeNull()
    expect(await readdir(folder)).toEqual([])
    await store.write('seller', record(), null)
    expect(await modeOf(path)).toBe('600')
    expect(await modeOf(join(folder, 'new'))).toBe('700')
    await store.lock('seller', async () => expect(await modeOf(`${path}.leases`)).toBe('600'), onceFree)
  })

  test('loses the rights that others had', async () => {
    const path = join(await scratch(), 'tokens.json')
    const store = fileStore(path)
    const version = await store.write('seller', record(), null)
    await chmod(path, 0o666)
    await store.write('seller', record(2), version)
    expect(await modeOf(path)).toBe('600')
  })

  test('is left alone by a write that was not first', async () => {
    const path = join(await scratch(), 'tokens.json')
    const store = fileStore(path)
    await store.write('seller', record(), null)
    const { ino } = await stat(path)
    expect(await store.write('seller', record(2), null)).toBeNull()
    expect((await stat(path)).ino).toBe(ino)
  })

  test('is not touched when a lease is taken or renewed', async () => {
    const path = join(await scratch(), 'tokens.json')
    const store = fileStore(path, { leaseMs: 100 })
    await store.write('seller', record(), null)
    const { ino } = await stat(path)
    await store.lock('seller', () => new Promise((resolve) => setTimeout(resolve, 150)), onceFree)
    expect((await stat(path)).ino).toBe(ino)
    expect(await readFile(`${path}.leases`, 'utf8')).not.toContain('seller')
  })

  test('stands alone: no draft and no lock is left beside it', async () => {
    const folder = await scratch()
    const store = fileStore(join(folder, 'tokens.json'))
    await Promise.all(Array.from({ length: 20 }, (_, index) => store.write(`seller ${index}`, record(), null)))
    expect(await readdir(folder)).toEqual(['tokens.json'])
  })

  test('is cleared of the drafts of killed processes, and of nothing else', async () => {
    const folder = await scratch()
    const others = [
      'mine.draft',
      'tokens.json.bak',
      'tokens.json.draft',
      DRAFT.replace('json', 'json.leases'),
      DRAFT.replace('tokens', 'my-tokens'),
    ]
    for (const name of [DRAFT, ...others]) await writeFile(join(folder, name), 'half a fi')
    await fileStore(join(folder, 'tokens.json')).write('seller', record(), null)
    expect(await readdir(folder)).toEqual(['tokens.json', ...others].sort())
  })

  test('is what a symbolic link leads to', async () => {
    const folder = await scratch()
    await mkdir(join(folder, 'real'))
    const link = join(folder, 'link.json')
    await symlink(join('real', 'tokens.json'), link)
    const [byLink, byName] = [fileStore(link), fileStore(join(folder, 'real', 'tokens.json'))]
    const version = await byLink.write('seller', record(), null)
    await byLink.write('seller', record(2), version)
    expect(await readlink(link)).toBe(join('real', 'tokens.json'))
    expect((await byName.read('seller'))?.record).toEqual(record(2))
    expect(await readdir(folder)).toEqual(['link.json', 'real'])
    const inside = byName.lock('seller', async () => 'done', onceFree)
    await byLink.lock('other', () => inside, onceFree)
    await byLink.lock(
      'seller',
      () => expect(byName.lock('seller', async () => 'in', onceFree)).rejects.toMatchObject({ code: 'ERR_LOCK_TIMEOUT' }),
      onceFree,
    )
  })

  test('may be named from the current folder', async () => {
    const path = join(await scratch(), 'tokens.json')
    await fileStore(relative(process.cwd(), path)).write('seller', record(), null)
    expect((await fileStore(path).read('seller'))?.record).toEqual(record())
  })

  test('gives no version twice, also when it was removed in between', async () => {
    const path = join(await scratch(), 'tokens.json')
    const store = fileStore(path)
    const version = await store.write('seller', record(), null)
    await rm(path)
    expect(await store.read('seller')).toBeNull()
    const later = await store.write('seller', record(), null)
    expect(later).not.toBeNull()
    expect(later).not.toBe(version)
    expect(await store.write('seller', record(2), version)).toBeNull()
  })
})

describe('a file that this store has not written', () => {
  const foreign = [
    ['empty', ''],
    ['half', '{ "format": "axios-renew tokens 1", "accounts": { "seller": { "record": { "tokens": { "accessToken": "a1'],
    ['of another program', '{ "accessToken": "a1", "refreshToken": "r1" }'],
    ['of another format', '{ "format": "axios-renew tokens 2", "accounts": {} }'],
    ['without accounts', '{ "format": "axios-renew tokens 1", "accounts": null }'],
    ['a list', '["a1"]'],
    ['a word', 'null'],
  ]

  test.each(foreign)('(%s) is neither read nor written over, nor quoted', async (_, text) => {
    const path = join(await scratch(), 'tokens.json')
    await writeFile(path, text)
    const store = fileStore(path)
    for (const attempt of [() => store.read('seller'), () => store.write('seller', record(), null), () => firstDue(store)]) {
      const error = await attempt().then(String, (error) => error)
      expect(error).toBeInstanceOf(StoreError)
      expect(error.code).toBe('ERR_STORE_UNAVAILABLE')
      expect(error.message).toContain(`The file ${path} cannot be read, and is left as it is: expected `)
      expect(error).not.toHaveProperty('cause')
    }
    expect(await readFile(path, 'utf8')).toBe(text)
    const stop = store.watch?.('seller', () => {})
    stop?.()
  })

  test.each([
    '5',
    'null',
    '{}',
    '{ "version": "1" }',
    '{ "version": "1", "record": { "tokens": null } }',
    '{ "record": { "tokens": null, "generation": 1, "lineage": "l" } }',
  ])('in one row only (%s) spoils that row only', async (row) => {
    const path = join(await scratch(), 'tokens.json')
    await writeFile(path, `{ "format": "axios-renew tokens 1", "accounts": { "seller": ${row} } }`)
    const store = fileStore(path)
    await expect(store.read('seller')).rejects.toMatchObject({ name: 'StoreError', code: 'ERR_STORE_UNAVAILABLE' })
    expect(await store.write('seller', record(), null)).toBeNull()
    expect(await store.write('other', record(), null)).not.toBeNull()
    expect((await store.read('other'))?.record).toEqual(record())
    expect(await firstDue(store)).toBe('seller')
    expect(JSON.parse(await readFile(path, 'utf8')).accounts.seller).toEqual(JSON.parse(row))
  })

  test('in one row only is told by renewDue, which renews the others', async () => {
    const path = join(await scratch(), 'tokens.json')
    const store = fileStore(path)
    await store.write('seller 2', { ...record(), tokens: { accessToken: 'a1', refreshToken: 'r1', expiresAt: 1 } }, null)
    const { format, accounts } = JSON.parse(await readFile(path, 'utf8'))
    await writeFile(path, JSON.stringify({ format, accounts: { 'seller 1': 5, ...accounts, 'seller 3': null } }))
    const pool = createSessionPool({ store, refresh: async () => ({ accessToken: 'a2', refreshToken: 'r2', expires_in: 3600 }) })
    const { renewed, failed } = await pool.renewDue({ withinMs: 0 })
    expect(renewed).toBe(1)
    // In the order in which they came to their ends.
    expect(failed.map(({ account, error }) => [account, error.code]).sort()).toEqual([
      ['seller 1', 'ERR_STORE_UNAVAILABLE'],
      ['seller 3', 'ERR_STORE_UNAVAILABLE'],
    ])
    await pool.close()
    for (const [cursor, next] of [
      ['seller 1', 'seller 3'],
      ['seller 3', undefined],
    ])
      expect(await firstDue(store, cursor)).toBe(next)
  })

  test('is not what a missing disk is: that rejects as Node does, and may be tried again', async () => {
    const folder = await scratch()
    const path = join(folder, 'tokens.json')
    await mkdir(path)
    const store = fileStore(path)
    for (const attempt of [() => store.read('seller'), () => store.write('seller', record(), null)]) {
      const error = await attempt().then(String, (error) => error)
      expect(error).not.toBeInstanceOf(StoreError)
      expect(error.code).toBe('EISDIR')
    }
    await rm(path, { recursive: true })
    expect(await store.write('seller', record(), null)).not.toBeNull()
    expect(await readdir(folder)).toEqual(['tokens.json'])
  })
})

describe('watching', () => {
  test('says nothing of an intent, and of the pair that is written over it', async () => {
    const path = join(await scratch(), 'tokens.json')
    const [store, other] = [fileStore(path), fileStore(path)]
    let version = await store.write('seller', record(), null)
    let calls = 0
    const stop = store.watch?.('seller', () => calls++)
    version = await other.write('seller', { ...record(), refreshStartedAt: 1 }, version)
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(calls).toBe(0)
    // The pair, and the next intent before anybody has looked.
    version = await other.write('seller', record(2), version)
    await other.write('seller', { ...record(2), refreshStartedAt: 2 }, version)
    await expect.poll(() => calls).toBe(1)
    stop?.()
  })
})

describe('set-up', () => {
  test.each([
    ['', undefined, 'fileStore: the path: expected string, got empty string'],
    [5, undefined, 'fileStore: the path: expected string, got number'],
    ['x.json', { leaseMs: '5' }, "fileStore: option 'leaseMs': expected number, got string"],
    ['x.json', { lease: 5 }, "fileStore: unknown option 'lease', expected leaseMs"],
  ])('says what is wrong (%#)', (path, options, message) => {
    expect(() => fileStore(path as never, options as never)).toThrow(new TypeError(message))
  })
})

async function firstDue(store: ReturnType<typeof fileStore>, cursor?: string): Promise<string | undefined> {
  for await (const account of store.due?.(1, cursor) ?? []) return account
}

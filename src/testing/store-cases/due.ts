import type { SessionRecord, TokenStore } from '../../core/store/token-store.ts'
import { randomName } from '../../stores/shared/random-name.ts'
import { expectSame, expectThat, put, type StoreCases, someRecord } from './scene.ts'

/** Long ago: nothing else in the storage should be due before it. ms since the epoch. */
const LONG_AGO = 100_000_000_000

/** `due`, of stores that have it. */
export const due: StoreCases = {
  'finds the accounts whose access token expires before a moment, each once': async ({ store, other }) => {
    await withAccounts(store, [-86_400_000, -1_000, -1, 0, 1_000], expiringAt, async (accounts) => {
      for (const handle of [store, other]) {
        expectSame('the accounts that are due', await dueOf(handle, accounts), accounts.slice(0, 3))
      }
    })
  },

  'leaves out those that are signed out, ended, or whose expiry is unknown': async ({ store }) => {
    const records = [
      expiringAt(-1),
      someRecord({ tokens: null }),
      { ...expiringAt(-1), endedAt: LONG_AGO },
      someRecord({ tokens: { accessToken: 'for ever' } }),
      { ...expiringAt(-1), refreshStartedAt: LONG_AGO },
    ]
    await withAccounts(
      store,
      records,
      (record) => record,
      async (accounts) => {
        expectSame('the accounts that are due', await dueOf(store, accounts), [accounts[0], accounts[4]].sort())
      },
    )
  },

  'follows what is written': async ({ store, other }) => {
    await withAccounts(store, [-3, -2, -1, 1], expiringAt, async (accounts, rewrite) => {
      await rewrite(0, expiringAt(86_400_000))
      await rewrite(1, someRecord({ tokens: null }))
      await rewrite(2, { ...expiringAt(-1), endedAt: LONG_AGO })
      await rewrite(3, expiringAt(-5))
      expectSame('the accounts that are due after they were written again', await dueOf(other, accounts), [accounts[3]])
      await rewrite(2, expiringAt(-1))
      expectSame('the accounts that are due after one is no longer ended', await dueOf(other, accounts), accounts.slice(2).sort())
    })
  },

  'goes on behind the cursor, through 300 accounts': async ({ store, other }) => {
    // Many expire at the same moment, as those do that were renewed together.
    const moments = Array.from({ length: 300 }, (_, index) => -1 - Math.floor(index / 60))
    await withAccounts(store, moments, expiringAt, async (accounts) => {
      const found: string[] = []
      let cursor: string | undefined
      for (let pages = 0, more = true; more; pages++) {
        const page = await pageOf(pages % 2 ? other : store, accounts, 70, cursor)
        found.push(...page.found)
        ;({ cursor, more } = page)
        expectThat('due with a cursor goes round in circles', pages < 50)
      }
      expectSame('how many accounts the pages have together', found.length, 300)
      expectSame('the accounts of all pages', found.sort(), accounts)
    })
  },
}

function expiringAt(ms: number): SessionRecord {
  return someRecord({ tokens: { accessToken: 'an access token', expiresAt: LONG_AGO + ms } })
}

/** Which of these are due; sorted. */
async function dueOf(store: TokenStore, accounts: readonly string[]): Promise<string[]> {
  return (await pageOf(store, accounts, Number.POSITIVE_INFINITY)).found.sort()
}

/** The next of these that are due, and where to go on. Others may be in the storage, too. */
async function pageOf(store: TokenStore, accounts: readonly string[], length: number, from?: string) {
  const found: string[] = []
  let cursor = from
  for await (const account of store.due?.(LONG_AGO, from) ?? []) {
    cursor = account
    if (accounts.includes(account)) found.push(account)
    if (found.length === length) return { found, cursor, more: true }
  }
  return { found, cursor, more: false }
}

/** Writes one account for each, their names sorted, and signs all out at the end: they must not be due in the next run. */
async function withAccounts<Given>(
  store: TokenStore,
  given: readonly Given[],
  toRecord: (given: Given) => SessionRecord,
  check: (accounts: string[], rewrite: (index: number, record: SessionRecord) => Promise<void>) => Promise<void>,
): Promise<void> {
  if (!store.due) return
  const accounts = given.map(randomName).sort()
  const versions = await Promise.all(given.map((one, index) => put(store, accounts[index] ?? '', toRecord(one), null)))
  const rewrite = async (index: number, record: SessionRecord) => {
    versions[index] = await put(store, accounts[index] ?? '', record, versions[index] ?? null)
  }
  try {
    await check(accounts, rewrite)
  } finally {
    await Promise.all(accounts.map((_, index) => rewrite(index, someRecord({ tokens: null }))))
  }
}

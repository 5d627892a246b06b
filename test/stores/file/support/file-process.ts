import { setTimeout as sleep } from 'node:timers/promises'
import type { SessionRecord, TokenStore } from '../../../../src/core/store/token-store.ts'
import { fileStore } from '../../../../src/file.ts'

/** What such a process does, over and over or until it is killed. */
export interface Orders {
  path: string
  task: keyof typeof tasks
  leaseMs?: number
  times?: number
}

const never = new AbortController().signal
const say = (what: string) => process.stdout.write(`${what}\n`)

async function raise(store: TokenStore, account: string): Promise<boolean> {
  const stored = await store.read(account)
  const record: SessionRecord = stored?.record ?? { tokens: { accessToken: 'x'.repeat(20_000) }, generation: 0, lineage: 'counting' }
  return (await store.write(account, { ...record, generation: record.generation + 1 }, stored?.version ?? null)) !== null
}

const tasks = {
  /** Raises under the lock, without looking whether somebody was first. */
  async 'count under the lock'(store: TokenStore, times: number) {
    for (let done = 0; done < times; done++) {
      await store.lock('counter', () => raise(store, 'counter'), { waitMs: 60_000, signal: never })
    }
  },
  async 'count by compare-and-swap'(store: TokenStore, times: number) {
    for (let done = 0; done < times; ) if (await raise(store, 'counter')) done++
  },
  async 'write until killed'(store: TokenStore) {
    say('ready')
    for (let count = 0; ; count++) await raise(store, `account ${count % 20}`)
  },
  async 'hold until killed'(store: TokenStore) {
    const work = async () => {
      say('ready')
      await sleep(600_000)
    }
    await store.lock('seller', work, { waitMs: 0, signal: never })
  },
  async 'watch, and end'(store: TokenStore) {
    store.watch?.('seller', () => say('told'))
    await raise(store, 'another')
  },
}

const { path, task, leaseMs, times = 1 } = JSON.parse(process.argv[2] ?? '{}') as Orders
await tasks[task](fileStore(path, { leaseMs }), times)

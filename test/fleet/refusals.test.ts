import { expect, onTestFinished, test, vi } from 'vitest'
import { overEachStore, type StoreName, stored } from './support/backends.ts'
import { tell, until } from './support/measure.ts'
import { startReplyCutter } from './support/reply-cutter.ts'
import { eachOnce, startStage } from './support/stage.ts'
import { startProcess } from './support/start-process.ts'

vi.setConfig({ testTimeout: 60_000 })

const REFUSALS: Record<StoreName, string[]> = { Redis: ['full memory', 'lost replicas'], PostgreSQL: ['read-only transactions'] }

const CLIENTS = { Redis: ['node-redis', 'ioredis'], PostgreSQL: ['pg'] } as const

/** What is lost is the reply to: */
const REPLIES: [string, RegExp][] = [
  ['the taking of the lock', /(:lease[\s\S]*\bpx?\b|:lease\r\n|INSERT INTO "axios_renew_leases")/],
  ['the intent', /"generation":1,.*"refreshStartedAt"/],
  ['the answer', /"generation":2,(?!.*"refreshStartedAt")/],
]

overEachStore('a store', (name, backend) => {
  test.each(REFUSALS[name])(
    'that refuses to write (%s): no token request is made, and an answer under way is kept until it can be written',
    async (refusal) => {
      const stage = await startStage({ gated: true })
      const [seller = '', another = ''] = await stage.signIn(backend(), 2, 'expired')
      const [holder, other] = await Promise.all([
        startProcess(stage, backend()),
        startProcess(stage, backend(), { leaseMs: 1000, stopAt: 'locked' }),
      ])
      const answer = stage.gate.holdNext('answer')
      const first = holder.request(seller)
      const held = await answer

      const locked = other.request(another, 3)
      await other.stopped
      const allow = (await backend().refusals[refusal]?.()) ?? (() => {})
      onTestFinished(async () => void (await allow()))
      other.proceed()
      // The intent cannot be written; the next time not even the lock can be had.
      expect(await locked).toEqual({ ERR_STORE_UNAVAILABLE: 3 })
      expect(await other.request(another, 3)).toEqual({ ERR_STORE_UNAVAILABLE: 3 })
      expect(stage.seen()).toEqual(eachOnce(1))
      await held.release()
      // It is served, as that is what onSaveFailure says by default.
      expect(await first).toEqual({ 200: 1 })
      expect(await stored(backend(), seller)).toMatchObject({ generation: 1 })
      // Whoever else needs it must wait: the pair that is stored is spent.
      const waiting = other.request(seller)
      expect((await holder.obey({ do: 'report' })).events.map((event) => event.name)).not.toContain('ended')
      await allow()

      const outcome = await waiting
      expect([{ 200: 1 }, { ERR_STORE_UNAVAILABLE: 1 }]).toContainEqual(outcome)
      await until('the answer is written', async () => (await stored(backend(), seller)).generation === 2)
      expect(await other.request([seller, another])).toEqual({ 200: 2 })
      expect(stage.seen()).toEqual(eachOnce(2))
    },
  )

  for (const client of CLIENTS[name])
    test.each(REPLIES)(`whose reply to %s is lost (${client}): what was done is done, and nothing is sent twice`, async (what, message) => {
      const stage = await startStage()
      const [seller = ''] = await stage.signIn(backend(), 1, 'expired')
      const cutter = await startReplyCutter(backend().port)
      const [process, other] = await Promise.all([
        startProcess(stage, backend(), { client, port: cutter.port, leaseMs: 1000 }),
        startProcess(stage, backend(), { leaseMs: 1000 }),
      ])
      const cut = cutter.cutReplyTo(message)
      const first = process.request(seller)
      await cut
      const outcome = await first
      tell(`${name} (${client}): the reply to ${what} was lost: ${JSON.stringify(outcome)}`)
      // ioredis asks once more by itself. The answer is served, also when it is not known to be written.
      const goesOn = client === 'ioredis' || what === 'the answer'
      expect(outcome).toEqual(goesOn ? { 200: 1 } : { ERR_STORE_UNAVAILABLE: 1 })
      expect(stage.seen()).toEqual(eachOnce(goesOn ? 1 : 0))
      expect(await other.request(seller)).toEqual({ 200: 1 })
      expect(await process.request(seller)).toEqual({ 200: 1 })
      expect(await stored(backend(), seller)).toMatchObject({ generation: 2 })
      expect(stage.seen()).toEqual(eachOnce(1))

      await stage.expire(backend(), [seller])
      // Until it knows that its own pair is written it makes no other of it.
      await until('it goes on', async () => {
        const next = await process.request(seller)
        expect([{ 200: 1 }, { ERR_SAVE_FAILED: 1 }]).toContainEqual(next)
        return '200' in next
      })
      expect(stage.seen()).toEqual(eachOnce(2))
    })
})

import { request } from 'node:http'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { requireProgram } from '../support/own-port.ts'
import { browse, DAY, type Scene, SITE, setScene, WEBHOOK_SECRET } from './mercado-pago-scene.ts'
import type { Script } from './run-script.ts'

/** Timers so many times faster: nobody waits 30 s in a test. Not many more: a busy machine must answer in time. */
const HASTE = 6
const HURRY = `data:text/javascript,${encodeURIComponent(`
  import promises from 'node:timers/promises'
  import { syncBuiltinESMExports } from 'node:module'
  const { setTimeout: wait } = globalThis
  globalThis.setTimeout = (callback, ms, ...rest) => wait(callback, ms / ${HASTE}, ...rest)
  const { setTimeout: sleep } = promises
  promises.setTimeout = (ms, ...rest) => sleep(ms / ${HASTE}, ...rest)
  syncBuiltinESMExports()
`)}`

/** Each test has a seller of its own, and does not need those before. */
describe.skipIf(!requireProgram('postgres'))('when something goes wrong, the programs of the guide', { timeout: 180_000 }, () => {
  let scene: Scene
  let database: pg.Pool

  const serving = async (visit: (script: Script) => Promise<void>, changes?: Record<string, string>) => {
    const { script, stop } = await scene.serve(changes)
    try {
      await visit(script)
    } catch (error) {
      await stop()
      throw error
    }
    return stop()
  }
  const noted = async (seller: number) => {
    const { rows } = await database.query('SELECT disconnected_at FROM sellers WHERE id = $1', [String(seller)])
    return rows.length === 1 && rows[0].disconnected_at !== null
  }

  beforeAll(async () => {
    scene = await setScene()
    database = new pg.Pool({ connectionString: scene.postgres.connectionString })
    database.on('error', () => {})
    await scene.run('set-up.ts')
    await database.query(
      'CREATE TABLE old_credentials (seller_id bigint, owner text, access_token text, refresh_token text, received_at bigint)',
    )
  }, 60_000)
  afterAll(async () => {
    await database?.end()
    await scene?.close()
  })

  test('take a payment that is told before the first pair is stored, when it is told again', async () => {
    const { stdout } = await serving(async () => {
      const { id, answered } = await scene.site.pay(21)
      expect(answered).toBe(409)
      expect((await scene.connect(21)).status).toBe(200)
      expect(await scene.site.notify('payment', 'payment.created', 21, String(id))).toBe(200)
      // Of somebody who is not there nothing can be asked: it would come to the same again.
      expect(await scene.site.notify('mp-connect', 'application.authorized', 22, 'shop-app')).toBe(200)
    })
    expect(stdout.match(/seller 21: payment \d+ is approved/g)).toHaveLength(1)
  })

  test('read no notification before its signature, and none to its end that is too long', async () => {
    /** Sends a body that does not end; gives the answer. */
    const endless = (path: string, headers: Record<string, string>) =>
      new Promise<number | undefined>((resolve, reject) => {
        const sent = request(`${scene.url}${path}`, { method: 'POST', headers }, (response) => {
          clearInterval(more)
          response.resume()
          resolve(response.statusCode)
          sent.destroy()
        })
        const more = setInterval(() => sent.write('x'.repeat(8192)), 5)
        sent.on('error', reject)
        sent.write('x')
      })
    await serving(async () => {
      expect(await endless('/notifications?data.id=1', {})).toBe(401)
      // The signature is over the address only: whoever has overheard one can send any body with it, for a while.
      const signature = await new Promise<Record<string, string>>((resolve) => {
        scene.site.webhook = { url: `${scene.url}/notifications`, secret: WEBHOOK_SECRET }
        const { fetch } = globalThis
        globalThis.fetch = async (input, init) => {
          globalThis.fetch = fetch
          resolve(init?.headers as Record<string, string>)
          return fetch(input, init)
        }
        void scene.site.notify('payment', 'payment.created', 21, '1')
      })
      expect(await endless('/notifications?data.id=1', signature)).toBe(413)
      const url = `${scene.url}/notifications?data.id=1`
      expect((await fetch(url, { method: 'POST', headers: signature, body: 'no JSON' })).status).toBe(400)
      expect((await browse(`${scene.url}/sellers/21/payments`, new Map())).status).toBe(200)
    })
  })

  test('connect nobody by a cookie that was planted for another user, and use every cookie up', async () => {
    await serving(async () => {
      const attacker = new Map([['user', 'pedro']])
      const planted = await scene.connect(23, { cookies: attacker, tamper: () => attacker.set('user', 'maria') })
      expect([planted.status, planted.headers.getSetCookie()]).toEqual([
        400,
        ['__Host-connecting=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0; Secure'],
      ])
      expect((await scene.connect(23, { decision: 'deny' })).headers.getSetCookie().join()).toContain('Max-Age=0')
    })
    expect((await database.query(`SELECT 1 FROM sellers WHERE id = '23'`)).rows).toEqual([])
  })

  test('keep a cookie without the prefix on plain http, where browsers refuse it', async () => {
    await serving(
      async () => {
        const { headers } = await browse(`${scene.url}/connect`, new Map())
        expect(headers.getSetCookie()).toEqual([expect.stringMatching(/^connecting=[^;]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=600$/)])
      },
      { MP_REDIRECT_URL: SITE.replace('https', 'http') },
    )
  })

  test('note at night who left while the database did not answer', async () => {
    const { stdout } = await serving(async ({ printed }) => {
      expect((await scene.connect(24)).status).toBe(200)
      await database.query('ALTER TABLE sellers RENAME TO sellers_away')
      try {
        expect(await scene.site.leave(24)).toBe(200)
        await expect.poll(() => printed.stderr).toContain('seller 24: disconnected, to be noted tonight: ')
      } finally {
        await database.query('ALTER TABLE sellers_away RENAME TO sellers')
      }
    })
    expect(stdout).not.toContain('seller 24 must')
    expect(await noted(24)).toBe(false)
    expect((await scene.run('nightly.ts')).stdout).toContain('seller 24 must authorise the app again: tell maria\n')
    expect((await scene.run('nightly.ts')).stdout).not.toContain('must authorise the app')
    expect(await noted(24)).toBe(true)
  })

  test.each([
    ['seconds', () => Math.floor(Date.now() / 1000)],
    ['nothing', () => null],
    ['the future', () => Date.now() + DAY],
  ])('refuse to import what was received in %s', async (_what, receivedAt) => {
    const { access_token, refresh_token } = await scene.site.authorize(25)
    await database.query('DELETE FROM old_credentials')
    await database.query('INSERT INTO old_credentials VALUES (25, $1, $2, $3, $4)', ['ana', access_token, refresh_token, receivedAt()])
    const { exitCode, stderr } = await scene.run('import.ts')
    expect(exitCode).toBe(1)
    expect(stderr).toContain('seller 25: received_at: expected ms since the epoch, not in the future, got ')
    expect((await database.query(`SELECT 1 FROM seller_tokens WHERE account = '25'`)).rows).toEqual([])
    expect((await database.query(`SELECT 1 FROM sellers WHERE id = '25'`)).rows).toEqual([])
  })

  test('do not end while a pair is not saved, however long that takes', async () => {
    await serving(async () => {
      expect((await scene.connect(26)).status).toBe(200)
    })
    // Everything can be written but the answer to a token request.
    await database.query(
      `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'disk full' USING ERRCODE = '53100'; END $$;
       CREATE TRIGGER refuse BEFORE UPDATE ON seller_tokens FOR EACH ROW WHEN (OLD.account = '26'
         AND (NEW.record::json->>'generation')::int > (OLD.record::json->>'generation')::int) EXECUTE FUNCTION refuse()`,
    )
    const before = scene.site.counters.tokenRequests
    const { NODE_OPTIONS = '' } = scene.environment()
    const nightly = scene.start('nightly.ts', { NODE_OPTIONS: `${NODE_OPTIONS} --import=${HURRY}`, WITHIN_DAYS: '181' })
    await expect.poll(() => nightly.printed.stderr, { timeout: 60_000 }).toContain('seller 26: not saved, attempt 1')
    // Longer than it waits in one go, and it still tries.
    await expect
      .poll(() => nightly.printed.stderr, { timeout: 60_000 })
      .toMatch(/(a pair is not saved yet: repair the database.*){2}seller 26: not saved/s)
    await database.query('DROP TRIGGER refuse ON seller_tokens')
    expect(await nightly.ended).toMatchObject({ exitCode: 0 })
    const { rows } = await database.query(`SELECT record::json->>'generation' AS generation FROM seller_tokens WHERE account = '26'`)
    expect(rows).toEqual([{ generation: '2' }])
    const renewed = scene.site.counters.tokenRequests - before
    expect(await scene.run('nightly.ts', { WITHIN_DAYS: '179' })).toMatchObject({ exitCode: 0 })
    expect(scene.site.counters.tokenRequests - before).toBe(renewed)
    expect(scene.site.counters.reused).toBe(0)
  })
})

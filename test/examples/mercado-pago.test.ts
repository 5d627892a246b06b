import { fakeAuthServer } from 'axios-renew/testing'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { leadToLoopback } from '../../examples/integrations/parts/lead-to-loopback.ts'
import { LOOK_ALIKE, readConfig } from '../../examples/mercado-pago/config.ts'
import { openMarket } from '../../examples/mercado-pago/market.ts'
import { openMercadoLibre } from '../../examples/mercado-pago/mercado-libre.ts'
import { paymentBySdk } from '../../examples/mercado-pago/with-sdk.ts'
import { requireProgram } from '../support/own-port.ts'
import { browse, DAY, type Scene, SITE, setScene } from './mercado-pago-scene.ts'

const SELLER = 4711
const TOKEN = /TG-|APP_USR|[\w-]{43}/

/**
 * One marketplace, from its first day on: each test goes on where the one before ended, so that after a failure the rest
 * is left out. The first that fails is the one to look at.
 */
describe.skipIf(!requireProgram('postgres'))('the programs of the guide to Mercado Pago', { timeout: 180_000 }, () => {
  let scene: Scene
  let database: pg.Pool
  /** What was printed by anything, in order. */
  const printed: string[] = []

  const run = async (program: string, changes: Record<string, string> = {}) => {
    const { exitCode, stdout, stderr } = await scene.run(program, changes)
    printed.push(stdout, stderr)
    return { exitCode, stdout, stderr }
  }
  /** Runs the server for as long as the visit takes; gives what it printed. */
  const serving = async (visit: () => Promise<void>) => {
    const { stop } = await scene.serve()
    let ended: Awaited<ReturnType<typeof stop>>
    try {
      await visit()
    } finally {
      ended = await stop()
    }
    printed.push(ended.stdout, ended.stderr)
    return ended
  }
  const paymentsOf = (seller: number, user = 'maria') => browse(`${scene.url}/sellers/${seller}/payments`, new Map([['user', user]]))
  const grantsAlive = (sellers: number[]) => Promise.all(sellers.map((seller) => scene.site.grantAlive(String(seller))))
  const tokenRequests = () => scene.site.counters.tokenRequests

  /** Whom another program connected, long before it is replaced by this one. */
  const oldSellers = Array.from({ length: 100 }, (_, i) => 10_000 + i)
  const oldRows: unknown[][] = []
  const receive = async (sellers: number[]) => {
    for (const seller of sellers) {
      const { access_token, refresh_token } = await scene.site.authorize(seller)
      oldRows.push([seller, `owner of ${seller}`, access_token, refresh_token, Date.now()])
    }
  }

  beforeAll(async () => {
    scene = await setScene()
    database = new pg.Pool({ connectionString: scene.postgres.connectionString })
    database.on('error', () => {})
  }, 60_000)
  afterAll(async () => {
    await database?.end()
    await scene?.close()
  })

  let broken: string | undefined
  beforeEach(({ task, skip, onTestFailed }) => {
    skip(broken !== undefined, `nothing to go on with: '${broken}' failed`)
    onTestFailed(() => {
      broken ??= task.name
    })
  })

  test('set-up.ts makes the tables, again and again', async () => {
    expect(await run('set-up.ts')).toEqual({ exitCode: 0, stdout: '', stderr: '' })
    expect(await run('set-up.ts')).toEqual({ exitCode: 0, stdout: '', stderr: '' })
  })

  test('a seller connects, through the consent page; the API is called for them, and a notification is handled', async () => {
    const { stdout } = await serving(async () => {
      const connected = await scene.connect(SELLER)
      expect(connected.status).toBe(200)
      expect(await connected.json()).toEqual({ connected: String(SELLER) })
      expect(connected.headers.getSetCookie().join()).toContain('__Host-connecting=; ')

      expect(await scene.site.pay(SELLER, 25)).toMatchObject({ answered: 200 })
      const payments = await paymentsOf(SELLER)
      expect(await payments.json()).toMatchObject([{ collector_id: SELLER, transaction_amount: 25 }])
      expect((await paymentsOf(SELLER, 'somebody else')).status).toBe(404)
      expect((await paymentsOf(999)).status).toBe(404)
    })
    expect(stdout).toContain(`seller ${SELLER}: payment 1000001 is approved`)
    expect(scene.site.codeExchanges).toBe(1)
    expect(tokenRequests()).toBe(0)
    expect(Object.fromEntries(scene.site.apiRequests)).toEqual({ [SELLER]: 2 })
  })

  test('nothing that can be read in the database is a token', async () => {
    const { rows } = await database.query('SELECT record FROM seller_tokens')
    expect(rows).toHaveLength(1)
    expect(JSON.parse(rows[0].record).tokens.accessToken).toMatch(/^axios-renew:1:1:/)
    expect(rows[0].record).not.toMatch(/TG-|APP_USR/)
  })

  test('nobody is connected by a state of another browser, without consent, without the verifier, or twice by a code', async () => {
    const before = scene.site.codeExchanges
    await serving(async () => {
      expect((await scene.connect(5, { tamper: ({ searchParams }) => searchParams.set('state', 'x'.repeat(32)) })).status).toBe(400)
      expect((await scene.connect(5, { tamper: ({ searchParams }) => searchParams.delete('state') })).status).toBe(400)
      expect((await scene.connect(5, { decision: 'deny' })).status).toBe(400)
      expect(scene.site.codeExchanges).toBe(before)

      const cookies = new Map<string, string>()
      const verifierLost = await scene.connect(5, {
        cookies,
        detour: ({ searchParams }) => searchParams.set('code_challenge', 'v'.repeat(43)),
      })
      expect([verifierLost.status, await verifierLost.json()]).toEqual([400, { message: 'the code was not exchanged: 400 invalid_grant' }])
      expect(cookies.size).toBe(0) // used up, though nothing came of it
      expect(scene.site.codeExchanges).toBe(before + 1)

      const kept = new Map<string, string>()
      let back = new URL(scene.url)
      await scene.connect(6, {
        cookies: kept,
        tamper: (url) => {
          back = new URL(url)
          kept.set('kept', kept.get('__Host-connecting') ?? '')
        },
      })
      const again = await browse(String(back).replace(SITE, scene.url), new Map([['__Host-connecting', kept.get('kept') ?? '']]))
      expect(again.status).toBe(400)
      expect(scene.site.codeExchanges).toBe(before + 3)
      expect((await paymentsOf(5)).status).toBe(404)
    })
    expect(tokenRequests()).toBe(0)
  })

  test('a notification without the signature, or with that of another, does nothing', async () => {
    const before = Object.fromEntries(scene.site.apiRequests)
    await serving(async () => {
      const { webhook } = scene.site
      const body = JSON.stringify({ type: 'payment', action: 'payment.created', user_id: SELLER, data: { id: '1000001' } })
      expect((await fetch(`${webhook?.url}?data.id=1000001&type=payment`, { method: 'POST', body })).status).toBe(401)
      scene.site.webhook = { url: webhook?.url ?? '', secret: 'of another application' }
      expect((await scene.site.pay(SELLER)).answered).toBe(401)
    })
    expect(Object.fromEntries(scene.site.apiRequests)).toEqual(before)
  })

  test('nothing is due for 150 days; then the nightly job renews each seller once, whatever went wrong before', async () => {
    scene.pass(149 * DAY)
    expect(await run('nightly.ts')).toMatchObject({ exitCode: 0, stdout: 'due 0, renewed 0, by others 0, must authorise 0, failed 0\n' })
    expect(tokenRequests()).toBe(0)
    // What a back-up of this night will be worth is seen below.
    await database.query('CREATE TABLE back_up AS TABLE seller_tokens')

    scene.pass(2 * DAY)
    for (const [changes, code] of [
      [{ ...LOOK_ALIKE, ...scene.environment(), MP_CLIENT_SECRET: 'wrong' }, 'ERR_CLIENT_REJECTED'],
      [{ ...LOOK_ALIKE, ...scene.environment(), MP_CLIENT_ID: 'wrong' }, 'ERR_STORE_UNAVAILABLE'],
    ] as const) {
      const before = tokenRequests()
      const { exitCode, stdout, stderr } = await run('nightly.ts', changes)
      expect([exitCode, stdout]).toEqual([1, 'due 2, renewed 0, by others 0, must authorise 0, failed 2\n'])
      expect(stderr).toContain(`seller ${SELLER}: ${code}: `)
      expect(tokenRequests() - before).toBe(code === 'ERR_CLIENT_REJECTED' ? 2 : 0)
    }
    const before = tokenRequests()
    const nights = await Promise.all([run('nightly.ts'), run('nightly.ts')])
    expect(nights.map(({ exitCode }) => exitCode)).toEqual([0, 0])
    expect(tokenRequests()).toBe(before + 2)
    expect(await run('nightly.ts')).toMatchObject({ exitCode: 0, stdout: 'due 0, renewed 0, by others 0, must authorise 0, failed 0\n' })
    expect(scene.site.counters).toMatchObject({ refreshes: 2, reused: 2, grantsRevoked: 0 }) // with the wrong secret they were not spent
  })

  test('200 days after they connected, sellers are served without a refresh', async () => {
    scene.pass(49 * DAY)
    await receive(oldSellers.slice(0, 40))
    const before = tokenRequests()
    await serving(async () => {
      expect((await paymentsOf(SELLER)).status).toBe(200)
    })
    expect(tokenRequests()).toBe(before)
  })

  test('a seller who takes the authorization back is noticed, told once, and connects again', async () => {
    const before = tokenRequests()
    const { stdout } = await serving(async () => {
      expect(await scene.site.leave(SELLER)).toBe(200)
      const refused = await paymentsOf(SELLER)
      expect([refused.status, await refused.json()]).toEqual([409, { message: 'connect your Mercado Pago account', connect: '/connect' }])
      expect(tokenRequests()).toBe(before + 1)

      expect((await scene.connect(SELLER)).status).toBe(200)
      expect((await paymentsOf(SELLER)).status).toBe(200)
      // The notification of before comes a second time, late: it must not disconnect them again.
      expect(await scene.site.notify('mp-connect', 'application.deauthorized', SELLER, 'shop-app')).toBe(200)
      expect((await paymentsOf(SELLER)).status).toBe(200)
      expect(tokenRequests()).toBe(before + 1)
    })
    expect(stdout.match(/must authorise the app again: tell maria/g)).toHaveLength(1)
    const { rows } = await database.query('SELECT disconnected_at FROM sellers WHERE id = $1', [String(SELLER)])
    expect(rows).toEqual([{ disconnected_at: null }])
  })

  test('one who took it back silently is found by the nightly job, which ends with 2', async () => {
    scene.pass(55 * DAY)
    await receive(oldSellers.slice(40))
    // They were renewed on day 151: 26 days are left.
    scene.pass(50 * DAY)
    await scene.site.disconnect(6)
    const before = tokenRequests()
    const { exitCode, stdout } = await run('nightly.ts')
    expect(exitCode).toBe(2)
    expect(stdout).toContain('seller 6 must authorise the app again: tell maria\n')
    expect(stdout).toContain('due 1, renewed 0, by others 0, must authorise 1, failed 0\n')
    expect(tokenRequests()).toBe(before + 1)
    expect(await run('nightly.ts')).toMatchObject({ exitCode: 0 })
    expect(tokenRequests()).toBe(before + 1)
  })

  test('import.ts moves 100 sellers over without a token request, and never over a newer pair', async () => {
    await database.query(
      'CREATE TABLE old_credentials (seller_id bigint, owner text, access_token text, refresh_token text, received_at bigint)',
    )
    scene.pass(50 * DAY)
    for (const row of oldRows) await database.query('INSERT INTO old_credentials VALUES ($1, $2, $3, $4, $5)', row)
    const before = tokenRequests()
    expect(await run('import.ts')).toEqual({ exitCode: 0, stdout: 'imported 100, there already 0\n', stderr: '' })
    expect(tokenRequests()).toBe(before)
    // 40 have 25 days left, as has the seller of before; 60 have 80.
    const { exitCode, stdout } = await run('nightly.ts')
    expect([exitCode, stdout]).toEqual([0, 'due 41, renewed 41, by others 0, must authorise 0, failed 0\n'])
    expect(tokenRequests()).toBe(before + 41)

    expect(await run('import.ts')).toMatchObject({ exitCode: 0, stdout: 'imported 0, there already 100\n' })
    await serving(async () => {
      for (const seller of [10_000, 10_099]) expect((await paymentsOf(seller, `owner of ${seller}`)).status).toBe(200)
    })
    expect(tokenRequests()).toBe(before + 41)
    expect(await grantsAlive([SELLER, ...oldSellers])).not.toContain(false)
    expect(scene.site.counters).toMatchObject({ reused: 2, grantsRevoked: 2 }) // the two that were taken back
  })

  test('a back-up that is put back has spent refresh tokens: whom it concerns must authorise again', async () => {
    await database.query(
      'UPDATE seller_tokens SET record = b.record, expires_at = b.expires_at FROM back_up b WHERE seller_tokens.account = b.account',
    )
    const before = tokenRequests()
    const { exitCode, stdout } = await run('nightly.ts')
    expect(exitCode).toBe(2)
    expect(stdout).toContain(`seller ${SELLER} must authorise the app again`)
    expect(tokenRequests()).toBe(before + 2)
  })

  test('the SDK gets the current token of the seller it is asked for', async () => {
    const seller = 10_099
    scene.site.webhook = undefined
    const { id } = await scene.site.pay(seller, 70)
    const restore = leadToLoopback({ '/v1/payments': scene.site.url })
    const market = openMarket(readConfig(scene.environment()))
    try {
      expect(await paymentBySdk(market, String(seller), String(id))).toMatchObject({ collector_id: seller, transaction_amount: 70 })
      await expect(paymentBySdk(market, '10000', String(id))).rejects.toMatchObject({ status: 404 })
    } finally {
      restore()
      await market.close()
    }
  })

  test('a seller at Mercado Libre, with the same number, has a table of their own', async () => {
    const [clientId, clientSecret] = ['libre', 'libre-secret']
    const auth = fakeAuthServer({ clientId, clientSecret, expiresIn: 6 * 3600 })
    await auth.listen()
    const config = readConfig(scene.environment())
    const market = openMarket(config)
    const pool = await openMercadoLibre(market, config.tokenKeys, { clientId, clientSecret, tokenEndpoint: auth.tokenEndpoint })
    try {
      await pool.session(SELLER).signIn(auth.signIn(String(SELLER), { user_id: SELLER }))
      scene.pass(100 * DAY)
      const report = await pool.renewDue({ withinMs: 7 * 3600_000, accounts: [SELLER] })
      expect(report).toMatchObject({ renewed: 1, ended: [], failed: [] })
      expect(auth.counters).toMatchObject({ tokenRequests: 1, reused: 0 })
      const { rows } = await database.query('SELECT account FROM mercado_libre_tokens')
      expect(rows).toEqual([{ account: String(SELLER) }])
    } finally {
      await pool.close()
      await market.close()
      await auth.close()
    }
  })

  test('nothing that any of them printed is a token', () => {
    expect(printed.join('\n')).not.toMatch(TOKEN)
  })
})

import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { requireProgram } from '../support/own-port.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'
import { noRedis, type RedisServer, startRedis } from '../support/redis-server.ts'
import { noTerminal, type Run, runInTerminal, runScript, startScript } from './run-script.ts'
import { type StrictSellers, startStrictSellers } from './strict-sellers.ts'

const PROGRAM = 'examples/keep-sellers-alive.ts'
const SEED = fileURLToPath(new URL('./seed-sellers.ts', import.meta.url))
const SELLERS = 2000
const DUE = 600

let sellers: StrictSellers
const environment = () => ({ MP_CLIENT_ID: 'market', MP_CLIENT_SECRET: 'secret', MP_TOKEN_ENDPOINT: sellers.tokenEndpoint })

beforeEach(async () => {
  sellers = await startStrictSellers()
  return () => sellers.close()
})

async function seed(where: Record<string, string>, count: number, due: number): Promise<void> {
  const seeded = await runScript(SEED, [`${count}`, `${due}`], { ...environment(), ...where })
  expect(seeded).toEqual({ exitCode: 0, stdout: '', stderr: '' })
}

/** A number of the summary. */
function number({ stdout }: Run, name: string): number {
  return Number(new RegExp(`${name} +(\\d+)`).exec(stdout)?.[1])
}

/** Whether those that were due, and only those, were renewed by one token request each. */
function expectOneEach(due: number): void {
  expect(sellers.requests.size).toBe(due)
  expect(Math.max(...[...sellers.requests.keys()].map(Number))).toBe(due - 1)
  expect([...sellers.requests.values()].every((count) => count === 1)).toBe(true)
  expect(sellers.sentTwice).toEqual([])
}

describe.skipIf(noRedis)('keep-sellers-alive.ts over Redis', () => {
  let redis: RedisServer
  const where = () => ({ REDIS_URL: redis.url })
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis?.stop())
  beforeEach(() => redis.restart())

  test(`renews the ${DUE} of ${SELLERS} sellers that are due, each once`, async () => {
    await seed(where(), SELLERS, DUE)
    const run = await runScript(PROGRAM, [], { ...environment(), ...where() })
    expect(run.exitCode).toBe(0)
    expect(run.stdout).toContain(`  renewed           ${DUE}\n`)
    expect(run.stderr.trim().split('\n')).toEqual(Array.from({ length: 10 }, (_, i) => `${(i + 1) * 60} of ${DUE}`))
    expectOneEach(DUE)
    const again = await runScript(PROGRAM, [], { ...environment(), ...where() })
    expect(again).toMatchObject({ exitCode: 0, stderr: '' })
    expect(number(again, 'looked at')).toBe(0)
  }, 120_000)

  test.skipIf(noTerminal())(
    'shows a person a bar, and below it the summary',
    async () => {
      await seed(where(), 60, 60)
      sellers.trouble.set('3', 400)
      const { exitCode, shows } = await runInTerminal(PROGRAM, 50, { ...environment(), ...where() })
      expect(exitCode).toBe(2)
      // One drawn over the other, 20 columns narrower than the terminal.
      const bars = Array.from({ length: 60 }, (_, i) => `\r[${'#'.repeat((i + 1) / 2).padEnd(30, '.')}] ${i + 1}/60`).join('')
      const summary = [
        'sellers looked at   60',
        '  renewed           59',
        '  by another worker 0',
        '  must authorise    1',
        '  failed            0',
        'seller 3 must authorise the app again',
      ]
      expect(shows).toBe([bars, ...summary, ''].join('\r\n'))
    },
    60_000,
  )

  test('renews each once also by two workers at once', async () => {
    await seed(where(), SELLERS, DUE)
    await twoWorkers(where())
  }, 120_000)

  test('ends with 2 when sellers must authorise again, and with 1 when some could only not be renewed now', async () => {
    await seed(where(), 5, 5)
    sellers.trouble.set('1', 500)
    sellers.trouble.set('3', 400)
    const run = await runScript(PROGRAM, [], { ...environment(), ...where() })
    expect(run.exitCode).toBe(2)
    expect([number(run, 'renewed'), number(run, 'must authorise'), number(run, 'failed')]).toEqual([3, 1, 1])
    expect(run.stdout).toContain('seller 3 must authorise the app again')
    expect(run.stdout).toContain('seller 1: ERR_REFRESH_UNCERTAIN')
    const again = await runScript(PROGRAM, [], { ...environment(), ...where() })
    expect(again.exitCode).toBe(1)
    expect(`${run.stdout}${run.stderr}${again.stdout}`).not.toMatch(/TG-|APP_USR/)
  }, 60_000)

  test('stops when the store, or the client, is the wrong one', async () => {
    await seed(where(), 100, 100)
    for (let i = 0; i < 100; i++) sellers.trouble.set(`${i}`, 400)
    const run = await runScript(PROGRAM, [], { ...environment(), ...where() })
    expect(run.exitCode).toBe(2)
    expect(run.stdout).toContain('stopped: The server refused 5 accounts one after another')
    expect(sellers.requests.size).toBeLessThan(20)
  }, 60_000)

  test.each(['SIGINT', 'SIGTERM'] as const)(
    'saves what is under way at %s, and the next run does the rest',
    async (signal) => {
      await seed(where(), 40, 40)
      sellers.latencyMs = 300
      const { child, ended } = startScript(PROGRAM, [], { ...environment(), ...where() })
      await expect.poll(() => sellers.requests.size, { timeout: 20_000 }).toBeGreaterThan(10)
      child.kill(signal)
      const run = await ended
      expect(run.exitCode).toBe(signal === 'SIGINT' ? 130 : 143)
      expect(run.stderr).toContain(`ended by ${signal}; what was under way is saved`)
      expect(sellers.requests.size).toBeLessThan(40)
      sellers.latencyMs = 0
      expect(await runScript(PROGRAM, [], { ...environment(), ...where() })).toMatchObject({ exitCode: 0 })
      expectOneEach(40)
    },
    60_000,
  )
})

describe.skipIf(!requireProgram('postgres'))('keep-sellers-alive.ts over PostgreSQL', () => {
  let postgres: PostgresServer
  beforeAll(async () => {
    postgres = await startPostgres()
  })
  afterAll(() => postgres?.close())

  test(`renews the ${DUE} of ${SELLERS} sellers that are due, each once, by two workers at once`, async () => {
    const where = { DATABASE_URL: postgres.connectionString }
    await seed(where, SELLERS, DUE)
    await twoWorkers(where)
    const again = await runScript(PROGRAM, [], { ...environment(), ...where })
    expect(again).toMatchObject({ exitCode: 0, stderr: '' })
    expect(number(again, 'looked at')).toBe(0)
  }, 120_000)
})

test('keep-sellers-alive.ts says what it needs', async () => {
  const { exitCode, stdout, stderr } = await runScript(PROGRAM, [], { ...environment(), REDIS_URL: '', DATABASE_URL: '' })
  expect({ exitCode, stdout, stderr }).toEqual({
    exitCode: 1,
    stdout: '',
    stderr: 'Error: Say where the tokens are: REDIS_URL or DATABASE_URL\n',
  })
})

async function twoWorkers(where: Record<string, string>): Promise<void> {
  const runs = await Promise.all([1, 2].map(() => runScript(PROGRAM, [], { ...environment(), ...where })))
  for (const run of runs) expect(run).toMatchObject({ exitCode: 0 })
  expectOneEach(DUE)
  const renewed = runs.map((run) => number(run, 'renewed'))
  expect(renewed.reduce((a, b) => a + b)).toBe(DUE)
  process.stdout.write(`      two workers renewed ${renewed.join(' and ')} of ${DUE}\n`)
}

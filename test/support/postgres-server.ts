import { execFile } from 'node:child_process'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { findProgram } from '../../scripts/requirements.mjs'
import { freePort } from './own-port.ts'

const run = promisify(execFile)

/** A PostgreSQL of one's own. */
export interface PostgresServer {
  readonly connectionString: string
  readonly port: number
  /** `immediate`: as if the machine had lost power. */
  stop(how?: 'fast' | 'immediate'): Promise<void>
  start(): Promise<void>
  /** Stops it and removes its data. */
  close(): Promise<void>
}

/** Starts one on a free port, in a folder of its own; takes 1 to 2 s. */
export async function startPostgres(settings: Record<string, string | number> = {}): Promise<PostgresServer> {
  const folder = await temporaryFolder()
  const data = join(folder, 'data')
  const port = await freePort()
  const bin = dirname(findProgram('postgres') ?? '')
  const options = { listen_addresses: '127.0.0.1', port, unix_socket_directories: folder, fsync: 'off', ...settings }

  const control = (...args: string[]) => runUnprivileged(join(bin, 'pg_ctl'), ['-D', data, '-w', '-s', ...args])
  const start = () =>
    control(
      ...['-l', join(folder, 'log'), '-o'],
      Object.entries(options)
        .map(([name, value]) => `-c ${name}=${value}`)
        .join(' '),
      'start',
    )
  const stop = (how = 'fast') => control('-m', how, 'stop')

  await runUnprivileged(join(bin, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'])
  await start()
  return {
    connectionString: `postgres://postgres@127.0.0.1:${port}/postgres`,
    port,
    start,
    stop,
    async close() {
      await stop('immediate').catch(() => {})
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Runs a program to its end, as a user that it accepts. */
async function runUnprivileged(program: string, args: string[]): Promise<void> {
  // Not the folder of the tests: the other user may not enter it.
  await run(program, args, { cwd: tmpdir(), timeout: 60_000, ...(await unprivileged()) })
}

/** PostgreSQL and PgBouncer refuse to run as root: there they run as the user `postgres`. For `spawn`. */
export async function unprivileged(): Promise<{ uid?: number; gid?: number }> {
  if (process.getuid?.() !== 0) return {}
  const [uid, gid] = await Promise.all(['-u', '-g'].map(async (flag) => Number((await run('id', [flag, 'postgres'])).stdout)))
  return { uid, gid }
}

/** A folder that belongs to whoever the servers run as. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'axios-renew-'))
  const { uid, gid } = await unprivileged()
  if (uid !== undefined && gid !== undefined) await chown(folder, uid, gid)
  return folder
}

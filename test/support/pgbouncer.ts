import { spawn } from 'node:child_process'
import { rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { findProgram } from '../../scripts/requirements.mjs'
import { freePort } from './own-port.ts'
import { temporaryFolder, unprivileged } from './postgres-server.ts'

/** A transaction pooler before a PostgreSQL. */
export interface PgBouncer {
  readonly connectionString: string
  close(): Promise<void>
}

/** Starts one in transaction mode: each statement may go over another connection to the server. */
export async function startPgBouncer(postgresPort: number): Promise<PgBouncer> {
  const folder = await temporaryFolder()
  const port = await freePort()
  const settings = join(folder, 'pgbouncer.ini')
  const users = join(folder, 'users.txt')
  await writeFile(users, '"postgres" ""\n')
  await writeFile(
    settings,
    `[databases]
postgres = host=127.0.0.1 port=${postgresPort} dbname=postgres user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = ${users}
pool_mode = transaction
default_pool_size = 5
max_client_conn = 500
`,
  )
  const bouncer = spawn(findProgram('pgbouncer') ?? '', [settings], { cwd: folder, stdio: 'ignore', ...(await unprivileged()) })
  const ended = new Promise<void>((resolve) => bouncer.once('exit', () => resolve()))
  await untilAccepting(port)
  return {
    connectionString: `postgres://postgres@127.0.0.1:${port}/postgres`,
    async close() {
      bouncer.kill('SIGTERM')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function untilAccepting(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const accepted = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
    if (accepted) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error('PgBouncer does not answer')
}

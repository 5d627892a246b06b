import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { bundledProgram } from '../../support/bundled-program.ts'
import { expectNoToken } from '../../support/canary.ts'
import { listenToProcess } from '../../support/listen-to-process.ts'
import type { Backend } from './backends.ts'
import type { ServerClient } from './open-store.ts'
import type { FromProcess, Order, Report, Setup, ToProcess } from './protocol.ts'

const program = bundledProgram(new URL('./fleet-process.ts', import.meta.url))

/** Those that run. Should this process end before its tests do, they end with it, also if they are stopped. */
const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** A process of the fleet. */
export interface FleetProcess {
  /** Settles when it has done what it was told. */
  obey(order: Order): Promise<Report>
  /** So many requests for the accounts; how they ended. */
  request(accounts: readonly string[] | string, times?: number): Promise<Report['outcomes']>
  /** Settles when it waits at the step that was named in `stopAt`. */
  readonly stopped: Promise<void>
  /** Lets it go on from there. */
  proceed(): void
  /** Ends it where it stands, and waits for that. */
  kill(): Promise<void>
  /** Lets it end by itself. */
  end(): Promise<void>
  /** Stops it as `kill -STOP` does, and gives what wakes it. */
  suspend(): () => void
}

/** The servers that it talks to. */
export interface Servers {
  readonly auth: { readonly clientId: string; readonly clientSecret: string }
  readonly api: { readonly url: string }
  readonly tokenEndpoint: string
}

/** What a test says about a process. */
export type ProcessOptions = Pick<Setup, 'account' | 'leaseMs' | 'stopAt' | 'options'> & {
  /** Where it finds the store, if not where the others do. */
  client?: ServerClient
  port?: number
}

/** Starts a process over the store; it ends with the test. */
export async function startProcess(
  servers: Servers,
  backend: Backend,
  { client, port, ...options }: ProcessOptions = {},
): Promise<FleetProcess> {
  const { tokenEndpoint, api } = servers
  const { clientId, clientSecret } = servers.auth
  const where = client && port ? { client, port } : backend.next()
  const setup: Setup = { where, tokenEndpoint, clientId, clientSecret, api: api.url, ...options }
  const child = fork(program(), [JSON.stringify(setup)], { execArgv: [], silent: true })
  listenToProcess(child)
  running.add(child)
  const ended = once(child, 'exit').then(() => void running.delete(child))
  const died = ended.then(() => Promise.reject(new Error('the process has ended')))
  // Most end when nobody asks any more.
  died.catch(() => {})

  let stop = () => {}
  const stopped = new Promise<void>((resolve) => {
    stop = resolve
  })
  const reports = new Map<number, (report: Report) => void>()
  const ready = new Promise<void>((resolve) => {
    child.on('message', (message: FromProcess) => {
      if ('ready' in message) resolve()
      else if ('step' in message) stop()
      else reports.get(message.id)?.(message.report)
    })
  })
  let orders = 0
  const send = (message: ToProcess) => void child.send(message, () => {})
  const obey = async (order: Order) => {
    const id = ++orders
    const promised = new Promise<Report>((resolve) => reports.set(id, resolve))
    send({ id, order })
    const report = await Promise.race([promised, died])
    expectNoToken(report, 'a report of a process')
    return report
  }
  await Promise.race([ready, died])
  return {
    obey,
    async request(accounts, times = 1) {
      return (await obey({ do: 'request', accounts: [accounts].flat(), times })).outcomes
    },
    get stopped() {
      return Promise.race([stopped, died])
    },
    proceed: () => send({ permit: true }),
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
    async end() {
      child.disconnect()
      await ended
    },
    suspend() {
      child.kill('SIGSTOP')
      return () => void child.kill('SIGCONT')
    },
  }
}

/** Starts so many of them. */
export function startProcesses(count: number, ...given: Parameters<typeof startProcess>): Promise<FleetProcess[]> {
  return Promise.all(Array.from({ length: count }, () => startProcess(...given)))
}

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { bundledProgram } from '../../../support/bundled-program.ts'
import { listenToProcess } from '../../../support/listen-to-process.ts'
import type { Scene } from './scene.ts'
import type { Message, Report, Setup, Step } from './shop-process.ts'

const program = bundledProgram(new URL('./shop-process.ts', import.meta.url))

/** A process of the program. */
export interface ShopProcess {
  /** The steps it has announced, in order. */
  readonly steps: readonly Step[]
  /** Settles when it waits for permission to take this step, which was named in `stopAt`. */
  readonly stopped: Promise<void>
  /** Lets it take the step. */
  proceed(): void
  /** What came of its script; rejects when it ends before. */
  readonly report: Promise<Report>
  /** Settles when it has ended: with an exit code, or by a signal. */
  readonly ended: Promise<number | string>
  /** Ends it where it stands, and waits for that. */
  kill(): Promise<void>
  /** Sends SIGTERM, as a deployment does. */
  terminate(): void
  /** Stops it as `kill -STOP` does, and gives what wakes it. A process that waits for a step runs no more code. */
  suspend(): () => void
}

/** What a test says about a process. */
export type ProcessOptions = Pick<Setup, 'script'> & Partial<Setup> & { stopAt?: Step }

/** Starts the program over the file of the scene. It may take every step but `stopAt`, at which it waits once. */
export function startProcess({ auth, api, gate, path }: Scene, { stopAt, ...given }: ProcessOptions): ShopProcess {
  const { clientId, clientSecret, revocationEndpoint } = auth
  const setup: Setup = { tokenEndpoint: gate.url, revocationEndpoint, clientId, clientSecret, api: api.url, path, ...given }
  const child = fork(program(), [JSON.stringify(setup)], { execArgv: [], silent: true })
  listenToProcess(child)
  const steps: Step[] = []
  const permit = (step: Step | undefined) => child.connected && child.send(String(step), () => {})
  const ended = once(child, 'exit').then(([code, signal]): number | string => code ?? signal)
  let wanted = stopAt
  let stop = () => {}
  const stopped = new Promise<void>((resolve) => {
    stop = resolve
  })
  const report = new Promise<Report>((resolve, reject) => {
    child.on('message', (message: Message) => {
      if ('report' in message) return resolve(message.report)
      steps.push(message.step)
      if (message.step !== wanted) return permit(message.step)
      wanted = undefined
      stop()
    })
    ended.then((how) => reject(new Error(`the process ended with ${how}`)))
  })
  const early = ended.then((how) => Promise.reject(new Error(`the process ended with ${how} before '${stopAt}'`)))
  // Not every test waits for both.
  report.catch(() => {})
  early.catch(() => {})
  return {
    steps,
    report,
    ended,
    get stopped() {
      return Promise.race([stopped, early])
    },
    proceed: () => void permit(stopAt),
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
    terminate: () => void child.kill('SIGTERM'),
    suspend() {
      child.kill('SIGSTOP')
      return () => void child.kill('SIGCONT')
    },
  }
}

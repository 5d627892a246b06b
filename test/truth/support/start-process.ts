import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { listenToProcess } from '../../support/listen-to-process.ts'
import type { Order, Report, Whereabouts } from './seller-process.ts'
import type { TruthStage } from './stage.ts'

/** The root of the repository: there tsx finds tsconfig.json, and with it the names by which users import. */
const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const SCRIPT = fileURLToPath(new URL('./seller-process.ts', import.meta.url))

/** A process with a memory of its own. */
export interface SellerProcess {
  obey(order: Order): Promise<Report>
  /** Lets it end by itself. */
  stop(): Promise<number | null>
}

/** Starts a process over the row of the stage; it stops with the test. */
export async function startProcess({ server, payments, file }: TruthStage): Promise<SellerProcess> {
  const { clientId, clientSecret, tokenEndpoint } = server
  const whereabouts: Whereabouts = { clientId, clientSecret, tokenEndpoint, api: payments.url, path: file.path }
  const child = fork(SCRIPT, [JSON.stringify(whereabouts)], { cwd: ROOT, execArgv: ['--import', 'tsx'], silent: true })
  listenToProcess(child)
  const ended = once(child, 'exit')
  const died = ended.then(([code]) => {
    throw new Error(`the process ended with ${code}`)
  })
  died.catch(() => {})
  await Promise.race([once(child, 'message'), died])
  return {
    async obey(order) {
      const [[report]] = await Promise.all([Promise.race([once(child, 'message'), died]), child.send(order)])
      return report
    },
    async stop() {
      child.disconnect()
      return (await ended)[0]
    },
  }
}

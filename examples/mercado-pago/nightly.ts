// Renews the tokens of all sellers that expire within 30 days. Run it every night, on as many machines as you like.
// WITHIN_DAYS=181 renews all of them at once, to try it.
//
// Exit code: 0 all is well; 1 some sellers could not be renewed now; 2 sellers must authorise the app again, or the run
// was stopped; 128 + n ended by signal n.
import { constants } from 'node:os'
import { readConfig } from './config.ts'
import { openMarket } from './market.ts'

const DAY = 24 * 3600_000
const withinMs = (Number(process.env.WITHIN_DAYS) || 30) * DAY
const controller = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort(name))

async function renewAll({ signal }: AbortController): Promise<number> {
  const { pool, disconnected, close } = openMarket(readConfig())
  try {
    const { examined, renewed, adopted, ended, failed, stopped } = await pool.renewDue({ withinMs, signal })
    console.log(`due ${examined}, renewed ${renewed}, by others ${adopted}, must authorise ${ended.length}, failed ${failed.length}`)
    for (const { account, error } of failed) console.error(`seller ${account}: ${error.code}: ${error.message}`)
    if (stopped) console.error(`stopped: ${stopped.message}`)
    await disconnected(ended)
    return stopped || ended.length > 0 ? 2 : failed.length > 0 ? 1 : 0
  } finally {
    await close()
  }
}

process.exitCode = await renewAll(controller).catch((error) => {
  const { aborted, reason } = controller.signal
  console.error(aborted ? `ended by ${reason}; what was under way is saved` : `${error}`)
  return aborted ? 128 + constants.signals[reason as 'SIGTERM'] : 1
})

// One process of a fleet. It does what it is told by messages, and ends with whoever started it.
import type { FromProcess, Order, Setup } from './protocol.ts'
import { requestWithAxiosRenew } from './with-axios-renew.ts'
import { requestWithSharedPromise } from './with-shared-promise.ts'

const setup: Setup = JSON.parse(String(process.argv[2]))
const request = await (setup.way === 'shared promise over Redis' ? requestWithSharedPromise(setup) : requestWithAxiosRenew(setup))
const tell = (message: FromProcess) => process.send?.(message)

process.on('message', ({ accounts, times }: Order) => {
  const requests = accounts.flatMap((account) => Array.from({ length: times }, () => request(account)))
  void Promise.all(requests).then((answers) => tell({ succeeded: answers.filter(Boolean).length }))
})
process.on('disconnect', () => process.exit())
tell({ ready: true })

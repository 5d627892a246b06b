import { parseArgs } from 'node:util'
import { PASSWORD, startBackEnd } from './back-end.ts'
import { bundle } from './bundle.ts'
import { startPageServer } from './page-server.ts'

/** Short, so that one can watch tokens expire. */
const LIFETIME_S = 60

/** Serves a page until ctrl-c. The port is that of `--port`, else one that is free. */
export async function runPage(framework: string, entry: URL): Promise<void> {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '0' } } })
  const [script, backEnd] = await Promise.all([bundle(entry), startBackEnd({ accessToken: LIFETIME_S })])
  const server = await startPageServer({ script, backEnd, port: Number(values.port) })
  console.log(`The shop in ${framework}: ${server.url}`)
  console.log(`Access tokens live for ${LIFETIME_S} s, and the password is '${PASSWORD}'. Ctrl-c stops it.`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void server.close())
}

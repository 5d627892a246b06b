// A page on which one sees the library work: a waterfall of requests, and buttons that make trouble.
// Run it with `npx tsx examples/web/run.ts`; it needs no network. `--port 8080` for a port of your choice.
import { parseArgs } from 'node:util'
import { bundle } from '../pages/bundle.ts'
import { startPageServer } from '../pages/page-server.ts'
import { startLab } from './servers/lab.ts'

const { values } = parseArgs({ options: { port: { type: 'string', default: '0' } } })
const [script, backEnd] = await Promise.all([bundle(new URL('./main.ts', import.meta.url)), startLab()])
const server = await startPageServer({ script, page: new URL('./page/page.html', import.meta.url), backEnd, port: Number(values.port) })
console.log(`See axios-renew work: ${server.url}`)
console.log('Ctrl-c stops it, and its servers.')
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void server.close())

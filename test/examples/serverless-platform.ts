// A platform that calls the functions of examples/serverless.ts, and prints when there is nothing to wait for any more.
import { createServer } from 'node:http'
import { withoutBackground, withWaitUntil } from '../../examples/serverless.ts'
import { listen, readText } from '../../examples/servers/listen.ts'

const pending = new Set<Promise<unknown>>()
let answered = 0

function waitUntil(work: Promise<unknown>): void {
  const settled = work.then(
    () => {},
    () => {},
  )
  pending.add(settled)
  void settled.then(() => {
    pending.delete(settled)
    tell()
  })
}

function tell(): void {
  if (pending.size === 0) console.log(`idle after ${answered}`)
}

const handlers = {
  waitUntil: () => withWaitUntil(waitUntil),
  // A mistake: what is begun is frozen.
  ignored: () => withWaitUntil(() => {}),
  without: withoutBackground,
}
const handle = handlers[process.argv[2] as keyof typeof handlers]()

const server = createServer(async (request, response) => {
  const body = request.method === 'POST' ? await readText(request) : undefined
  const answer = await handle(new Request(`http://localhost${request.url}`, { method: request.method, body })).catch(
    (error) => new Response(error.message, { status: 500 }),
  )
  const text = await answer.text()
  response.writeHead(answer.status, { connection: 'close' }).end(text, () => {
    answered++
    tell()
  })
})
console.log(`listening on ${await listen(server)}`)

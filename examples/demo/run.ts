import { parseArgs } from 'node:util'
import { byHand } from './by-hand.ts'
import { type Contestant, contest, type Result } from './contest.ts'
import { ours } from './ours.ts'
import { createPaint } from './paint.ts'
import { LATENCY_MS } from './stage.ts'
import { story, verdict } from './stories.ts'
import { table } from './table.ts'
import { createTimeline } from './timeline.ts'

const REQUESTS = 200

const HELP = `npm run demo [-- --json]

Sends ${REQUESTS} requests at once with an access token that has just expired: first with
axios-renew, then with the interceptor that most people write by hand. The servers
are real and on this machine: an OAuth server (oidc-provider) that speaks Mercado
Pago's dialect, with single-use refresh tokens, and a small payments API whose
answers take up to ${LATENCY_MS} ms. All numbers are the servers' own.

  --json    print one JSON object and nothing else
  --help    print this

NO_COLOR=1 turns colours off. The exit code is 0 if axios-renew made one token
request, got ${REQUESTS} answers with 200, and left the grant alive.`

const INTRODUCTION = `A seller's access token has just expired. ${REQUESTS} requests to a payments API leave at
once; each answer takes up to ${LATENCY_MS} ms. Refresh tokens are single-use, as Mercado Pago's
are: the OAuth server (a real one, on this machine) revokes the grant when one comes
a second time (RFC 9700, 4.14).`

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } })
  if (values.help) return console.log(HELP)
  const results = values.json ? await measure() : await show()
  if (values.json) console.log(JSON.stringify({ ...results, passed: passed(results.ours) }))
  if (!passed(results.ours)) {
    console.error('\nThis is not what axios-renew promises: please report it, with this output.')
    process.exitCode = 1
  }
}

interface Results {
  ours: Result
  byHand: Result
}

async function measure(): Promise<Results> {
  return { ours: await contest(ours, REQUESTS), byHand: await contest(byHand, REQUESTS) }
}

async function show(): Promise<Results> {
  const paint = createPaint()
  const watch = (title: string, code: string, contestant: Contestant) => {
    console.log(`\n${paint('title', title)}  ${paint('quiet', code)}\n`)
    return contest(contestant, REQUESTS, createTimeline(story(REQUESTS), paint, console.log))
  }
  console.log(`\n${INTRODUCTION}`)
  const results = {
    ours: await watch('1. With axios-renew', 'examples/demo/ours.ts', ours),
    byHand: await watch('2. With an interceptor written by hand', 'examples/demo/by-hand.ts', byHand),
  }
  const sideBySide = table({ 'axios-renew': results.ours, 'by hand': results.byHand }, paint).join('\n')
  console.log(`\n${[sideBySide, ...verdict(results.ours, results.byHand)].join('\n\n')}\n`)
  return results
}

function passed({ tokenRequests, succeeded, requests, grantAlive }: Result): boolean {
  return tokenRequests === 1 && succeeded === requests && grantAlive
}

main().catch((error) => {
  // A mistyped option needs no stack.
  console.error(String(error.code).startsWith('ERR_PARSE_ARGS') ? `${error.message}\n\n${HELP}` : error)
  process.exitCode = 1
})

// A back end that acts for a Mercado Pago seller. The pair lives in a file, which stands for your
// database: what matters is that `save` settles only when the pair is safe.
// Run it with `npx tsx examples/mercado-pago-back-end.ts`; it needs no network.
import assert from 'node:assert/strict'
import { mkdtemp, open, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import axios from 'axios'
import { attach, createSession, type TokenSet } from 'axios-renew'
import { mercadoPago } from 'axios-renew/providers'
import { startMercadoPago } from './servers/mercado-pago.ts'
import { startPaymentsApi } from './servers/payments-api.ts'

const SELLER = 4711
const server = await startMercadoPago()
const payments = await startPaymentsApi({ accepts: server.accepts })
const folder = await mkdtemp(join(tmpdir(), 'axios-renew-'))
const path = join(folder, `${SELLER}.json`)

/** Nobody is signed in as long as there is no file. */
async function load(): Promise<TokenSet | null> {
  const text = await readFile(path, 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return 'null'
    // Everything else must be an error: "nobody is signed in" would be a lie.
    throw error
  })
  return JSON.parse(text)
}

/** Written beside, forced to the disk, renamed: a power cut leaves the old pair or the new one. */
async function save(tokens: TokenSet | null): Promise<void> {
  const draft = await open(`${path}.draft`, 'w', 0o600)
  await draft.writeFile(JSON.stringify(tokens))
  await draft.sync()
  await draft.close()
  await rename(`${path}.draft`, path)
}

/** What your process does when it starts. */
function start() {
  const session = createSession({
    // In production: mercadoPago({ clientId, clientSecret }); the token endpoint is known.
    ...mercadoPago({ clientId: server.clientId, clientSecret: server.clientSecret, tokenEndpoint: server.tokenEndpoint }),
    account: SELLER,
    load,
    save,
  })
  session.on('refreshed', ({ account, durationMs }) => console.log(`  seller ${account}: new pair saved, in ${durationMs} ms`))
  session.on('ended', ({ account }) => console.log(`  seller ${account}: has to authorise the app again`))
  const api = axios.create({ baseURL: payments.url })
  attach(api, session)
  return { session, api }
}

try {
  console.log('first process: the seller authorises the app')
  const first = start()
  // The seller comes back to your redirect URL with a `code`, and you exchange it:
  //   POST https://api.mercadopago.com/oauth/token { grant_type: 'authorization_code', client_id, client_secret, code, redirect_uri }
  // The body of the answer goes to signIn as it is. Here the server just gives it:
  const exchanged = await server.authorize(SELLER)
  await first.session.signIn(exchanged)
  const before = await first.api.get('/v1/payments/1')
  console.log(`  payment 1: ${before.data.status}`)
  await first.session.close()

  console.log('180 days later: the access token has expired')
  await server.expire(exchanged.access_token)

  console.log('second process: it finds the pair in the file')
  const second = start()
  const answers = await Promise.all([2, 3, 4].map((id) => second.api.get(`/v1/payments/${id}`)))
  for (const { data } of answers) console.log(`  payment ${data.id}: ${data.status}`)
  await second.session.close()

  const stored = await load()
  assert.ok(stored && (await server.accepts(stored.accessToken)), 'the pair in the file is the one that works')
  assert.equal(stored.extra?.user_id, SELLER, 'what else Mercado Pago sent is kept')
  assert.equal(server.counters.tokenRequests, 1)
  assert.ok(await server.grantAlive(String(SELLER)))
  console.log(`token requests: ${server.counters.tokenRequests}; the pair in the file is the one that works`)
} finally {
  await Promise.all([payments.close(), server.close(), rm(folder, { recursive: true })])
}

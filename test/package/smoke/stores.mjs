/** The stores that need a runtime: files and their locks, WebCrypto; two sessions over one file refresh once. */
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSession, memoryStore, oauth2 } from 'axios-renew'
import { encryptedStore } from 'axios-renew/encryption'
import { fileStore } from 'axios-renew/file'
import checks from './checks.cjs'
import { startServer } from './token-server.mjs'

const KEY = new Uint8Array(32).fill(7)
const folder = await mkdtemp(join(tmpdir(), 'axios-renew-smoke-'))

/** Two sessions over one store, as two processes have them, are asked for a fresh pair at once. */
async function refreshedByTwo(storeOf) {
  const server = await startServer()
  const session = () => createSession({ ...oauth2({ tokenEndpoint: `${server.url}/token`, clientId: 'app' }), store: storeOf() })
  const [one, other] = [session(), session()]
  await one.signIn(server.pair())
  const rejected = await one.getTokens()
  assert.equal((await other.getTokens()).accessToken, rejected.accessToken)
  const pairs = await Promise.all([one, other].map((session) => session.refresh({ rejected })))
  await Promise.all([one.close(), other.close()])
  await server.close()
  assert.equal(server.counts.tokenRequests, 1)
  assert.equal(new Set(pairs.map(({ refreshToken }) => refreshToken)).size, 1)
  return server.pair()
}

await checks.runChecks({
  'memoryStore: two sessions, one token request': async () => {
    const store = memoryStore()
    await refreshedByTwo(() => store)
  },

  'fileStore: two sessions, one token request, and the pair is in the file': async () => {
    const path = join(folder, 'tokens.json')
    const { refresh_token } = await refreshedByTwo(() => fileStore(path))
    assert.match(await readFile(path, 'utf8'), new RegExp(refresh_token))
    if (process.platform !== 'win32') assert.equal((await stat(path)).mode & 0o777, 0o600)
  },

  'encryptedStore over fileStore: two sessions, one token request, and no token is in the file': async () => {
    const path = join(folder, 'encrypted.json')
    await refreshedByTwo(() => encryptedStore(fileStore(path), { keys: { k1: KEY }, use: 'k1' }))
    assert.doesNotMatch(await readFile(path, 'utf8'), /(access|refresh)-\d/)
  },
})

await rm(folder, { recursive: true, force: true })

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encryptedStore } from 'axios-renew/encryption'
import { fileStore } from 'axios-renew/file'
import { testStore } from 'axios-renew/testing'
import { afterAll, describe, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'axios-renew-file-'))
afterAll(() => rmSync(folder, { recursive: true, maxRetries: 5 }))

describe('fileStore keeps the contract', () => {
  testStore({ test, open: () => fileStore(join(folder, 'tokens.json'), { leaseMs: 1_500 }), leaseMs: 1_500 })
})

describe('fileStore keeps the contract with encrypted tokens', () => {
  const keys = { k1: new Uint8Array(32).fill(1) }
  testStore({ test, open: () => encryptedStore(fileStore(join(folder, 'encrypted.json')), { keys, use: 'k1' }) })
})

import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import axios from 'axios'
import { expect, onTestFinished, test } from 'vitest'
import { close } from '../../../examples/servers/listen.ts'
import { attached } from '../../support/attached.ts'

// Before axios 1.18 a path alone is no URL, not for a Unix socket either.
const takesPaths = Number(axios.VERSION.split('.')[1]) >= 18
const targets = ['http://localhost', 'http://api.example.com', ...(takesPaths ? [undefined] : [])]

test.each(targets.flatMap((baseURL) => [0, 5].map((maxRedirects) => ({ baseURL, maxRedirects }))))(
  'a 401 over a Unix socket is replayed: %o',
  async ({ baseURL, maxRedirects }) => {
    const folder = mkdtempSync(join(tmpdir(), 'axios-renew-'))
    const socketPath = join(folder, 'api.sock')
    const seen: unknown[] = []
    const server = createServer((request, response) => {
      seen.push(request.headers.authorization)
      response.writeHead(request.headers.authorization === 'Bearer a2' ? 200 : 401).end('{}')
    })
    await new Promise<void>((resolve) => server.listen(socketPath, resolve))
    onTestFinished(async () => {
      await close(server)
      rmSync(folder, { recursive: true })
    })
    const { api } = attached({ baseURL, socketPath, maxRedirects }, { origins: ['http://localhost', 'http://api.example.com'] })
    expect((await api.get('/x')).status).toBe(200)
    expect(seen).toEqual(['Bearer a1', 'Bearer a2'])
  },
)

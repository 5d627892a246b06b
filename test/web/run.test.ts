import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { runScript, startScript } from '../examples/run-script.ts'
import { freePort } from '../support/own-port.ts'
import { temporaryFolder } from '../tabs/support/browser.ts'

test('the page runs with one command on the port that it is given, until ctrl-c', async () => {
  const port = String(await freePort())
  const { child, printed, ended } = startScript('examples/web/run.ts', ['--port', port])
  onTestFinished(() => void child.kill())
  const url = `http://127.0.0.1:${port}`
  await expect.poll(() => printed.stdout, { timeout: 30_000 }).toContain(`See axios-renew work: ${url}\n`)
  expect(await (await fetch(url)).text()).toContain('<h1>axios-renew at work</h1>')
  expect(await (await fetch(`${url}/script.js`)).text()).toContain('refresh_token')
  expect(await (await fetch(`${url}/page.css`)).text()).toMatch(/--panel:#\w{6}.*prefers-color-scheme:dark/s)
  expect(await (await fetch(`${url}/lab/state`)).json()).toMatchObject({ lanes: { ours: { counters: { tokenRequests: 0 } } } })
  expect((await fetch(`${url}/toString/token`, { method: 'POST' })).status).toBe(404)

  child.kill('SIGINT')
  expect(await ended).toMatchObject({ exitCode: 0, stderr: '' })
}, 60_000)

test('the still is drawn from a real run, for both schemes', async () => {
  const folder = await temporaryFolder()
  const run = await runScript('examples/web/still.ts', [folder])
  expect(run).toMatchObject({ exitCode: 0, stderr: '' })
  for (const scheme of ['light', 'dark']) {
    const still = await readFile(join(folder, `waterfall-${scheme}.svg`), 'utf8')
    expect(still).toMatch(/With axios-renew: \d+ × 401, 1 token request, 30 of 30 succeed\./)
    expect(still).toMatch(/by hand: \d+ × 401, \d+ token requests, the grant is revoked, \d+ of 30 fail\./)
    expect(still.length).toBeLessThan(40_000)
    // No token: oidc-provider's are 43 characters of base64url.
    expect(still).not.toMatch(/[\w-]{43}/)
  }
}, 60_000)

test('the still of the README is of this kind', async () => {
  for (const scheme of ['light', 'dark']) {
    const still = await readFile(new URL(`../../docs/images/waterfall-${scheme}.svg`, import.meta.url), 'utf8')
    expect(still).toMatch(/^<svg [^>]*viewBox="0 0 880 \d+"/)
    expect(still).toContain('1 token request, 30 of 30 succeed.')
    expect(still.length).toBeLessThan(40_000)
  }
})

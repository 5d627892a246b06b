import { expect, onTestFinished, test } from 'vitest'
import { startScript } from '../examples/run-script.ts'
import { freePort } from '../support/own-port.ts'

test.each(['React', 'Vue'])(
  'the page in %s runs with one command, until ctrl-c',
  async (framework) => {
    const { child, printed, ended } = startScript(`examples/${framework.toLowerCase()}/run.ts`)
    onTestFinished(() => void child.kill())
    await expect.poll(() => printed.stdout, { timeout: 30_000 }).toMatch(/^The shop in \w+: http:\S+\n/)
    const url = String(/http:\S+/.exec(printed.stdout)?.[0])
    expect(await (await fetch(`${url}/orders/3`)).text()).toContain('<script src="/script.js">')
    expect(await (await fetch(`${url}/script.js`)).text()).toContain('Your orders')
    expect((await fetch(`${url}/api/orders/3`)).status).toBe(401)

    child.kill('SIGINT')
    expect(await ended).toMatchObject({ exitCode: 0, stderr: '' })
  },
  60_000,
)

test('the port is that of --port', async () => {
  const port = String(await freePort())
  const { child, printed, ended } = startScript('examples/react/run.ts', ['--port', port])
  onTestFinished(() => void child.kill())
  await expect.poll(() => printed.stdout, { timeout: 30_000 }).toContain(`http://127.0.0.1:${port}\n`)
  child.kill('SIGINT')
  expect(await ended).toMatchObject({ exitCode: 0, stderr: '' })
}, 60_000)

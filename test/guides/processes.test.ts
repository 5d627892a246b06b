import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { runScript } from '../examples/run-script.ts'
import { expectNoToken } from '../support/canary.ts'
import { runBlock } from './run-block.ts'
import { startScene } from './scene.ts'

/** Runs the tool; gives what it printed, and whether the pair in its file is the one that works. */
async function runTool(ending: 'return' | 'exit' | 'close') {
  const { auth } = await startScene()
  const { refresh_token = '' } = auth.signIn()
  const folder = await mkdtemp(join(tmpdir(), 'axios-renew-guides-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'pair.json')
  const { exitCode, stdout } = await runScript('test/guides/scripts/tool.ts', [auth.tokenEndpoint, refresh_token, file, ending])
  expect([exitCode, auth.counters.tokenRequests]).toEqual([0, 1])
  const { accessToken } = JSON.parse(await readFile(file, 'utf8'))
  return { printed: stdout.trim().split('\n'), saved: auth.accepts(accessToken) }
}

describe('a process whose storage is out of order', () => {
  test('does not exit before the pair is saved, and says why', async () => {
    expect(await runTool('return')).toEqual({ printed: expect.arrayContaining(['save-failed 1', 'done']), saved: true })
  }, 60_000)

  test('that calls process.exit() loses the pair', async () => {
    expect((await runTool('exit')).saved).toBe(false)
  }, 60_000)

  test('that waits for close() before does not', async () => {
    expect((await runTool('close')).saved).toBe(true)
  }, 60_000)
})

test('at SIGTERM the listener of the guide lets an answer that is under way be saved first', async () => {
  const { auth, open } = await startScene()
  const saved: string[] = []
  const { session } = open({ save: (tokens) => saved.push(String(tokens?.accessToken)) })
  await session.signIn(auth.signIn())
  let terminate: () => Promise<void> = async () => {}
  const heard: string[] = []
  const process = {
    once: (signal: string, listener: typeof terminate) => {
      heard.push(signal)
      terminate = listener
    },
    exit: () => heard.push(`exit, ${saved.length} pairs saved`),
  }
  await runBlock('troubleshooting.md', 'The process exits before the pair is saved', { given: { session, process } })
  auth.fail('hang')
  void session.refresh()
  await expect.poll(() => auth.counters.tokenRequests).toBe(1)
  const terminated = terminate()
  auth.release()
  await terminated
  expect(heard).toEqual(['SIGTERM', 'exit, 2 pairs saved'])
  expect(auth.accepts(String(saved.at(-1)))).toBe(true)
})

test('what the guide tells to look at first prints every event, and no token', async () => {
  const { auth, open } = await startScene()
  const { session, api } = open()
  const printed: unknown[][] = []
  await runBlock('troubleshooting.md', 'Look first', {
    given: { session, console: { log: (...values: unknown[]) => printed.push(values) } },
  })
  await session.signIn(auth.signIn())
  auth.expire()
  await api.get('/')
  await session.signOut()
  expect(printed.map(([, name]) => name)).toEqual(['signed-in', 'refreshed', 'replayed', 'signed-out'])
  expectNoToken(printed, 'what was printed')
})

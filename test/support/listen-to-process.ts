import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { expectNoToken } from './canary.ts'

/**
 * Ends a process with its test, which fails if the process has printed a token. What it prints is printed on, so that
 * whoever looks for a failure finds it.
 */
export function listenToProcess(child: ChildProcess): void {
  const printed = { stdout: '', stderr: '' }
  // Not 'close': that never comes after `child.disconnect()`.
  const closed = [once(child, 'exit')]
  for (const name of ['stdout', 'stderr'] as const) {
    const stream = child[name]
    if (!stream) continue
    closed.push(once(stream, 'close'))
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed[name] += text
      process[name].write(text)
    })
  }
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await Promise.all(closed)
    for (const [name, text] of Object.entries(printed)) expectNoToken(text, `the ${name} of a process`)
  })
}

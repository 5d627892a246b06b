import { format } from 'node:util'
import { afterEach, beforeAll, beforeEach, vi } from 'vitest'
import { expectNoToken } from './canary.ts'
import { watchWire } from './watch-wire.ts'

/** Set-up of the tests in Node: nothing that is printed during any of them may show a token. */
const printed: string[] = []

beforeAll(watchWire)

beforeEach(() => {
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    vi.spyOn(console, method).mockImplementation((...values) => void printed.push(format(...values)))
  }
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream)
    vi.spyOn(stream, 'write').mockImplementation((chunk, ...rest) => {
      printed.push(String(chunk))
      return write(chunk, ...(rest as []))
    })
  }
})

afterEach(() => {
  vi.restoreAllMocks()
  for (const text of printed.splice(0)) expectNoToken(text, 'what was printed')
})

import { afterEach, beforeEach, expect } from 'vitest'
import { settle } from '../../src/testing/settle.ts'

/** Fails each test of this file, or group, by whose end a rejection was not handled: Node ends a process for one of them. */
export function forbidUnhandledRejections(): void {
  const unhandled: unknown[] = []
  const note = (error: unknown) => void unhandled.push(error)
  beforeEach(() => void process.on('unhandledRejection', note))
  afterEach(async () => {
    await settle()
    process.off('unhandledRejection', note)
    expect(unhandled.splice(0)).toEqual([])
  })
}

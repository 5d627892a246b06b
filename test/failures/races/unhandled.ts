import { afterAll, beforeAll, beforeEach } from 'vitest'

/** The rejections that nobody handled at once. One that is handled later counts too: it would have ended the process. */
export const unhandled: string[] = []

const note = (reason: unknown) => void unhandled.push(`unhandled: ${reason}`)

/** Collects them during the tests of this file. */
export function watchRejections(): void {
  beforeAll(() => void process.on('unhandledRejection', note))
  beforeEach(() => void unhandled.splice(0))
  afterAll(() => void process.off('unhandledRejection', note))
}

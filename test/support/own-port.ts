import { type AddressInfo, createServer } from 'node:net'
import { findProgram } from '../../scripts/requirements.mjs'

/**
 * The path of a program that tests start themselves. Where it is missing those are left out (`describe.skipIf`), and
 * that is said aloud; in CI it is a failure.
 */
export function requireProgram(name: Parameters<typeof findProgram>[0]): string | undefined {
  const path = findProgram(name)
  if (path) return path
  const message = `No ${name}: \`node scripts/prepare-tests.mjs\` installs it or says how`
  if (process.env.CI) throw new Error(message)
  console.warn(`!!! ${message}; the tests that need it are left out`)
  return undefined
}

/** A port on which nobody listens. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

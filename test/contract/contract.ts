import { describe } from 'vitest'
import type { Transport } from '../support/transport.ts'
import { bodies } from './bodies.ts'
import { boundaries } from './boundaries.ts'
import { endings } from './endings.ts'
import type { Origins } from './harness.ts'
import { redirects } from './redirects.ts'
import { replaying } from './replaying.ts'

/** What every client keeps, whatever it sends with. */
export function contract(transport: Transport, origins: () => Origins): void {
  describe(transport.name, () => {
    replaying(transport, origins)
    bodies(transport, origins)
    endings(transport, origins)
    boundaries(transport, origins)
    redirects(transport, origins)
  })
}

import { expect } from 'vitest'
import { settle } from '../../../src/testing/settle.ts'
import { unhandled } from './unhandled.ts'
import type { World } from './world.ts'

/** What goes on whatever comes later. */
const LASTING = /^(signOut|close)$/

/** What has happened up to now and must never happen. */
export function breachesOf({ notes, server, api, calls, requestsAtMost = Number.POSITIVE_INFINITY }: World): string[] {
  const found = [...notes.breaches, ...unhandled]
  if (server.requests > requestsAtMost) found.push('a refresh began after close')
  for (const { settled, looks, intention, what } of calls) {
    if (settled || looks || intention === notes.intention || LASTING.test(what)) continue
    // A request on the wire cannot be called back.
    if (!api.held.some(({ path }) => what === `request ${path}`)) found.push(`${what} was kept waiting after a later intention`)
  }
  return found
}

/** What holds when everything has worked for some minutes: the latest intention has won, everywhere. */
export async function expectAgreement(world: World): Promise<void> {
  const { calls, clock, notes } = world
  expect(breachesOf(world)).toEqual([])
  expect(calls.filter(({ settled }) => !settled).map(({ what }) => what)).toEqual([])
  expect(clock.pending, 'timers').toBe(0)
  if (!world.attached) world.attach()
  let last = world.request()
  await settle()
  // The API may reject also what another process has written.
  if (last.outcome === 401) last = world.request()
  await settle()
  if (notes.intention.grant === null) expectNobody(world, last.sends)
  else await expectUser(world, notes.intention.grant, last.outcome)
  if (world.configuration.revoke) expectRevoked(world)
  expect(breachesOf(world)).toEqual([])
  expect(clock.pending, 'timers').toBe(0)
}

function expectNobody({ session, row }: World, sends: unknown): void {
  expect(session.status).toBe('signed-out')
  expect(row.content).toBeNull()
  expect(sends).toEqual([undefined])
}

async function expectUser({ session, row, server, requestsAtMost }: World, name: string, outcome: unknown): Promise<void> {
  const grant = server.grantOf(name)
  const closed = requestsAtMost !== undefined
  expect(server.grantOf(row.content?.accessToken)?.name).toBe(name)
  // Only a lost answer may cost the grant: the token that it spent is tried once more.
  if (!grant?.alive) return expect(grant?.answersLost, 'lost answers').toBeGreaterThan(0)
  if (!closed) expect(outcome).toBe(200)
  expect(session.status).toBe(closed && session.status === 'unknown' ? 'unknown' : 'active')
  const tokens = await session.getTokens().catch(() => undefined)
  if (tokens) expect(server.grantOf(tokens.accessToken)?.name).toBe(name)
  if (tokens && !row.writtenElsewhere) expect(row.content).toEqual({ ...tokens })
}

/** Nobody will ever use a pair again that a sign-out has orphaned. */
function expectRevoked({ server, row, notes, signOuts }: World): void {
  for (const { grant: name, quiet, unread, signedInSince } of signOuts) {
    // A sign-in that follows may be of the same grant: what comes in late is only dropped.
    if ((signedInSince && !quiet) || (unread && row.loadTrouble)) continue
    const grant = server.grantOf(name)
    if (grant && notes.delivered.has(server.newestRefreshToken(grant))) expect(grant, 'orphaned').toMatchObject({ alive: false })
  }
}

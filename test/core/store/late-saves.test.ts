import { SignedOutError } from 'axios-renew'
import { expect, test } from 'vitest'
import { settle } from '../../../src/testing/settle.ts'
import { rejection } from '../../support/session-kit.ts'
import { prepare } from './scripted-store.ts'

test('a save that settles long after its time does not undo a sign-out elsewhere', async () => {
  const { store, fleet, server, session, other, clock } = await prepare(2)
  let settleSave = () => {}
  store.before = (operation, record) => {
    const isAnswer = operation === 'write' && record?.tokens?.accessToken === 'a2'
    return isAnswer ? new Promise<void>((resolve) => (settleSave = resolve)) : undefined
  }
  server.hold = true
  void session.getTokens().catch(() => undefined)
  // The answer comes when little of the time is left that saving may take.
  await clock.advance(29_900)
  server.pending[0]?.answer()
  await clock.advance(200)
  expect(fleet.events[0]).toContainEqual(expect.objectContaining({ name: 'save-failed' }))
  await session.signIn({ access_token: 'next user', refresh_token: 's', expires_in: 86_400 })
  await other.signOut()
  expect(store.record.tokens).toBeNull()
  store.asked.splice(0)
  settleSave()
  await settle()
  await clock.advance(60_000)
  // Not for a moment: others may put it right again, or adopt it.
  expect(store.asked).not.toContain('write')
  expect(store.record.tokens).toBeNull()
  for (const each of [session, other]) expect(await rejection(each.getTokens())).toBeInstanceOf(SignedOutError)
})

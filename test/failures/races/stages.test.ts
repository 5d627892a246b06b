import { describe, expect, test } from 'vitest'
import { settle } from '../../../src/testing/settle.ts'
import { breachesOf, expectAgreement } from './invariants.ts'
import { respond, type Scene, STAGES, type Stage } from './stages.ts'
import { watchRejections } from './unhandled.ts'
import { World } from './world.ts'

watchRejections()

const ALL = Object.keys(STAGES) as Stage[]
/** Where requests have been sent before. */
const LATER = ALL.filter((stage) => stage !== 'the first load')

async function setScene(stage: Stage): Promise<Scene & { world: World }> {
  const world = new World({ onSaveFailure: 'serve', revoke: true, slowLoad: true })
  const scene = await STAGES[stage](world)
  expect(whereabouts(world, scene), 'the stage').toBe(stage)
  return { world, ...scene }
}

/** What the request in the middle of it all waits for. */
function whereabouts({ row, server, session, api }: World, { mine }: Scene): Stage {
  if (row.loads.length > 0) return session.status === 'unknown' ? 'the first load' : 'the load before a token request'
  if (row.saves.length > 0) return 'save'
  if (server.held.length > 0) return mine.sends.length === 0 ? 'wait' : 'refresh'
  expect(api.held.length).toBe(2)
  return 'replay'
}

async function finish(world: World): Promise<void> {
  await world.calmDown()
  await expectAgreement(world)
}

describe('a late 401 of the same user', () => {
  test.each(LATER)('during %s: no second refresh, and both requests are answered', async (stage) => {
    const { world, mine, straggler } = await setScene(stage)
    await respond(world, straggler)
    expect(breachesOf(world)).toEqual([])
    await finish(world)
    expect([mine.outcome, straggler?.outcome]).toEqual([200, 200])
    expect(straggler?.sends).toEqual(['ann1.a1', 'ann1.a2'])
    expect(world.server.requests).toBe(1)
  })
})

describe('a sign-out', () => {
  test.each(ALL)('during %s: the request is let go, nothing is written over it, and the pair is revoked', async (stage) => {
    const { world, mine, straggler } = await setScene(stage)
    const sends = [...mine.sends]
    world.signOut()
    await settle()
    // A request on the wire cannot be called back.
    expect(mine.outcome).toBe(stage === 'replay' ? undefined : 'ERR_SIGNED_OUT')
    await respond(world, straggler)
    if (straggler) expect(straggler).toMatchObject({ outcome: 401, sends: ['ann1.a1'] })
    await finish(world)
    expect(mine).toMatchObject({ outcome: stage === 'replay' ? 200 : 'ERR_SIGNED_OUT', sends })
    expect(world.server.grantOf('ann1')?.alive).toBe(false)
  })
})

describe('a sign-in of another user', () => {
  test.each(ALL)('during %s: no request of the former user goes on as the other one', async (stage) => {
    const { world, mine, straggler } = await setScene(stage)
    const sends = [...mine.sends]
    world.signIn('bob')
    await settle()
    expect(mine.outcome).toBe(stage === 'replay' ? undefined : 'ERR_SIGNED_OUT')
    await respond(world, straggler)
    if (straggler) expect(straggler).toMatchObject({ outcome: 401, sends: ['ann1.a1'] })
    const next = world.request()
    await finish(world)
    expect(mine).toMatchObject({ outcome: stage === 'replay' ? 200 : 'ERR_SIGNED_OUT', sends })
    expect(next).toMatchObject({ outcome: 200, sends: ['bob2.a1'] })
    expect(world.row.content).toMatchObject({ accessToken: 'bob2.a1' })
    // It may belong to the same grant.
    expect(world.server.revoked).toEqual([])
  })
})

describe('a late 401 after the sign-in of another user is written', () => {
  test.each(LATER)('during %s: it is handed to the caller', async (stage) => {
    const { world, straggler } = await setScene(stage)
    world.signIn('bob')
    world.row.slowSave = false
    for (const save of world.row.saves.splice(0)) save.finish()
    await settle()
    expect(world.session.status).toBe('active')
    await respond(world, straggler)
    expect(straggler).toMatchObject({ outcome: 401, sends: ['ann1.a1'] })
    await finish(world)
    expect(world.row.content).toMatchObject({ accessToken: 'bob2.a1' })
  })
})

describe('close', () => {
  test.each(ALL)('during %s: what runs is finished and saved first, and the request is answered', async (stage) => {
    const { world, mine, straggler } = await setScene(stage)
    const before = world.server.requests
    const closing = world.close()
    await settle()
    expect(closing.settled).toBe(stage === 'replay')
    await respond(world, straggler)
    await finish(world)
    expect(mine.outcome).toBe(200)
    if (straggler) expect(straggler.outcome).toBe(200)
    expect(world.server.requests).toBe(stage === 'the load before a token request' ? 1 : before)
    expect(world.row.content).toMatchObject({ accessToken: stage === 'the first load' ? 'ann1.a1' : 'ann1.a2' })
  })
})

describe('detach', () => {
  test.each(ALL)('during %s: requests finish as they began, and new ones carry nothing', async (stage) => {
    const { world, mine, straggler } = await setScene(stage)
    world.detach()
    const next = world.request()
    await respond(world, straggler)
    await finish(world)
    expect(mine.outcome).toBe(200)
    if (straggler) expect(straggler).toMatchObject({ outcome: 200, sends: ['ann1.a1', 'ann1.a2'] })
    expect(next).toMatchObject({ outcome: 401, sends: [undefined] })
  })
})

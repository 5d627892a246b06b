import { settle } from '../../../src/testing/settle.ts'
import type { MadeRequest } from './calls.ts'
import { takeOut } from './notes.ts'
import type { World } from './world.ts'

/** A world where one request has come to a certain stage. */
export interface Scene {
  mine: MadeRequest
  /** A request with the first access token; the API has said 401 to it, and the answer is still on its way. */
  straggler?: MadeRequest
}

/** How far a request of Ann's has come. */
export const STAGES = {
  'the first load': async (world: World): Promise<Scene> => {
    const mine = world.request()
    await settle()
    return { mine }
  },
  'the load before a token request': refused,
  /** Not sent yet, as the access token has expired. */
  wait: async (world: World): Promise<Scene> => {
    await open(world)
    world.server.rejectAccessToken(world.notes.intention.grant)
    const straggler = world.request()
    await settle()
    await world.clock.advance(3600_000)
    world.getTokens()
    await settle()
    await finishLoad(world)
    const mine = world.request()
    await settle()
    return { mine, straggler }
  },
  refresh: refreshing,
  save: saving,
  replay: async (world: World): Promise<Scene> => {
    const scene = await saving(world)
    takeOut(world.row.saves, 0)?.finish()
    await settle()
    return scene
  },
}

export type Stage = keyof typeof STAGES

/** Releases the answers of the API to a request. */
export async function respond({ api }: World, request: MadeRequest | undefined): Promise<void> {
  const index = api.held.findIndex(({ path }) => `request ${path}` === request?.what)
  if (index >= 0) takeOut(api.held, index)?.respond()
  await settle()
}

/** It was sent, and refused: what is stored is read again. */
async function refused(world: World): Promise<Scene> {
  await open(world)
  world.server.rejectAccessToken(world.notes.intention.grant)
  const straggler = world.request()
  const mine = world.request()
  await settle()
  await respond(world, mine)
  return { mine, straggler }
}

/** The token request has left. */
async function refreshing(world: World): Promise<Scene> {
  const scene = await refused(world)
  await finishLoad(world)
  return scene
}

/** Its answer is being saved. */
async function saving(world: World): Promise<Scene> {
  const scene = await refreshing(world)
  takeOut(world.server.held, 0)?.answer()
  await settle()
  return scene
}

async function open(world: World): Promise<void> {
  world.getTokens()
  await settle()
  await finishLoad(world)
}

async function finishLoad({ row }: World): Promise<void> {
  takeOut(row.loads, 0)?.finish(false)
  await settle()
}

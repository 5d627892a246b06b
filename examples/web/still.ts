// Draws the still at the head of the README from a run of now: `npx tsx examples/web/still.ts [folder]`.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fileStore } from 'axios-renew/file'
import { startPageServer } from '../pages/page-server.ts'
import { burst } from './clients/burst.ts'
import { createByHand, createMemory } from './clients/by-hand.ts'
import type { Contestant, Endpoints } from './clients/contestant.ts'
import { createOurs } from './clients/ours.ts'
import { COLOURS } from './drawing/colours.ts'
import { drawStill, type Outcome } from './drawing/still-picture.ts'
import { CONTESTANTS, type ContestantName } from './names.ts'
import { createRecorder, type Recorder } from './recording/recorder.ts'
import { type Lab, startLab } from './servers/lab.ts'

type Make = (endpoints: Endpoints, recorder: Recorder, folder: string) => Contestant

const MAKE: Record<ContestantName, Make> = {
  ours: (endpoints, recorder, folder) => createOurs(endpoints, fileStore(join(folder, 'pairs.json')), recorder),
  'by-hand': (endpoints, recorder) => createByHand(endpoints, createMemory(), recorder),
}

async function main(): Promise<void> {
  const target = process.argv[2] ?? fileURLToPath(new URL('../../docs/images', import.meta.url))
  const lab = await startLab()
  const server = await startPageServer({ script: '', backEnd: lab })
  const folder = await mkdtemp(join(tmpdir(), 'axios-renew-still-'))
  try {
    const outcomes = {} as Record<ContestantName, Outcome>
    for (const name of CONTESTANTS) outcomes[name] = await run(name, lab, server.url, folder)
    await mkdir(target, { recursive: true })
    for (const scheme of ['light', 'dark'] as const) {
      const path = join(target, `waterfall-${scheme}.svg`)
      await writeFile(path, drawStill(outcomes, COLOURS[scheme]))
      console.log(path)
    }
  } finally {
    await server.close()
    await rm(folder, { recursive: true })
  }
}

async function run(name: ContestantName, lab: Lab, url: string, folder: string): Promise<Outcome> {
  const lane = lab.lanes[name]
  const recorder = createRecorder()
  const contestant = MAKE[name]({ services: lane.services, clientId: lane.auth.publicClientId, auth: `${url}/${name}` }, recorder, folder)
  await contestant.signIn(await lane.signIn({ expired: false }))
  // With a good token first: what is drawn is not how Node warms up.
  await burst(contestant, recorder)
  await lane.expire()
  recorder.start()
  await burst(contestant, recorder)
  return { recording: recorder.recording, grantAlive: lane.counters().grantsLost === 0 }
}

await main()

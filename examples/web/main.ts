import { webStore } from 'axios-renew/browser'
import { burst } from './clients/burst.ts'
import { createByHand } from './clients/by-hand.ts'
import type { Contestant, Endpoints } from './clients/contestant.ts'
import { createOurs } from './clients/ours.ts'
import type { ContestantName } from './names.ts'
import { type Chart, createChart } from './page/chart.ts'
import { listenToControls } from './page/controls.ts'
import { showFacts } from './page/facts.ts'
import { lab } from './page/lab-client.ts'
import { noteEvents, say } from './page/log.ts'
import { afterBurst, firstWords, GONE } from './page/words.ts'
import { createRecorder, type Recorder } from './recording/recorder.ts'
import type { LabState } from './servers/lab.ts'

/** A contestant, and what is recorded of it. */
interface Corner {
  contestant: Contestant
  recorder: Recorder
}

/** How often the servers are asked what they have counted, in ms. */
const LOOK_MS = 1000

async function main(): Promise<void> {
  const first = await lab.state()
  const corners = await createCorners(first)
  const chart = createChart(say)
  let shown = corners.ours

  async function look(): Promise<void> {
    const state = await lab.state()
    // Other servers, which know nothing of these tokens.
    if (state.run !== first.run) location.reload()
    showFacts(state, shown.contestant)
  }

  listenToControls({
    shown: () => shown.contestant,
    look,
    async run() {
      const running = shown
      await run(running, chart)
      if (running === shown) say(afterBurst(running.contestant, running.recorder.recording))
      await look()
    },
    async show(name) {
      shown = corners[name]
      chart.follow(shown.recorder)
      await look()
    },
  })
  chart.follow(shown.recorder)
  await look()
  say(firstWords(shown.contestant, await lab.state()))
  setInterval(() => document.visibilityState === 'visible' && look().catch(() => say(GONE)), LOOK_MS)
}

/** Makes both contestants, each with a first pair that has expired since. */
async function createCorners(state: LabState): Promise<Record<ContestantName, Corner>> {
  const recorders = { ours: createRecorder(), 'by-hand': createRecorder() }
  // A name of its own: other servers know nothing of what a browser has kept.
  const store = webStore(`axios-renew-${state.run}`)
  const ours = createOurs(endpoints(state, 'ours'), store, recorders.ours)
  const byHand = createByHand(endpoints(state, 'by-hand'), sessionStorage, recorders['by-hand'])
  noteEvents(ours.session)
  // Whoever has signed out, or in, in another tab stays so.
  if (await store.read(ours.session.account)) await ours.session.getTokens().catch(() => {})
  else await ours.signIn(await lab.signIn('ours', true))
  await byHand.signIn(await lab.signIn('by-hand', true))
  return { ours: { contestant: ours, recorder: recorders.ours }, 'by-hand': { contestant: byHand, recorder: recorders['by-hand'] } }
}

function endpoints({ lanes }: LabState, who: ContestantName): Endpoints {
  const { services, clientId } = lanes[who]
  return { services, clientId, auth: `${location.origin}/${who}` }
}

async function run({ contestant, recorder }: Corner, chart: Chart): Promise<void> {
  recorder.start()
  const over = burst(contestant, recorder)
  chart.follow(recorder)
  await over
  chart.redraw()
}

main().catch(() => say(GONE))

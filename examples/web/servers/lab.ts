import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { BackEnd } from '../../pages/back-end.ts'
import { readText } from '../../servers/listen.ts'
import { colourSheet } from '../drawing/colours.ts'
import { CONTESTANTS, type ContestantName, type Service } from '../names.ts'
import { type Lane, type LaneCounters, startLane } from './lane.ts'

/** What is wrong with the authorization servers. */
export interface Trouble {
  slow: boolean
  cut: boolean
}

/** What a page learns of a contestant's servers. */
export interface LaneState {
  counters: LaneCounters
  goodPairs: number[]
  services: Record<Service, string>
  clientId: string
}

/** What a page learns when it asks. */
export interface LabState {
  /** Differs from one start of the servers to the next: what a browser has kept of another one is of no use. */
  run: string
  trouble: Trouble
  lanes: Record<ContestantName, LaneState>
}

/** The servers, and ways to make trouble. */
export interface Lab extends Pick<BackEnd, 'answer' | 'close'> {
  readonly lanes: Readonly<Record<ContestantName, Lane>>
  readonly trouble: Trouble
}

/** Answers of the token endpoint take this, in ms. */
const TOKEN_MS = 150
const SLOW_TOKEN_MS = 3000

type Handler = (lane: Lane, request: IncomingMessage, response: ServerResponse) => Promise<void>

/**
 * Starts both contestants' servers. Behind the page's own origin, where `<who>` is a contestant:
 * - `POST /<who>/token`, `POST /<who>/revocation` are the authorization server's, unless it is cut off;
 * - `POST /<who>/sign-in` gives a first pair, `POST /<who>/sign-in/expired` one whose access token has expired;
 * - `POST /<who>/expire`, `POST /<who>/revoke` make trouble for one, `POST /lab/slow|fast|cut|mend` for both;
 * - `GET /lab/state` tells the counters.
 */
export async function startLab(): Promise<Lab> {
  const ours = await startLane()
  const byHand = await startLane()
  const lanes = { ours, 'by-hand': byHand }
  const trouble: Trouble = { slow: false, cut: false }
  const run = randomUUID()
  const css = await readFile(new URL('../page/page.css', import.meta.url), 'utf8')

  function change(to: Partial<Trouble>): void {
    Object.assign(trouble, to)
    for (const { auth } of Object.values(lanes)) auth.latencyMs = trouble.slow ? SLOW_TOKEN_MS : TOKEN_MS
  }
  change({})

  const handlers: Record<string, Handler> = {
    'sign-in': async (lane, _, response) => reply(response, 200, await lane.signIn({ expired: false })),
    'sign-in/expired': async (lane, _, response) => reply(response, 200, await lane.signIn({ expired: true })),
    async token(lane, request, response) {
      // Before anything has reached it: no token is spent.
      if (trouble.cut) return void request.socket.destroy()
      const { status, body } = await lane.token(await readText(request))
      reply(response, status, body)
    },
    async revocation(lane, request, response) {
      if (trouble.cut) return void request.socket.destroy()
      reply(response, await lane.revocation(await readText(request)))
    },
    expire: (lane, _, response) => lane.expire().then(() => reply(response, 204)),
    revoke: (lane, _, response) => lane.revoke().then(() => reply(response, 204)),
  }
  const troubles: Record<string, Partial<Trouble>> = {
    slow: { slow: true },
    fast: { slow: false },
    cut: { cut: true },
    mend: { cut: false },
  }

  async function state(): Promise<LabState> {
    const laneState = async (lane: Lane): Promise<LaneState> => ({
      counters: lane.counters(),
      goodPairs: await lane.goodPairs(),
      services: lane.services,
      clientId: lane.auth.publicClientId,
    })
    return { run, trouble, lanes: { ours: await laneState(ours), 'by-hand': await laneState(byHand) } }
  }

  return {
    lanes,
    trouble,
    async answer(request, response) {
      const { method, url = '' } = request
      const [, first = '', ...rest] = url.split('/')
      const last = rest.join('/')
      if (method === 'GET' && url === '/page.css') response.setHeader('content-type', 'text/css').end(`${colourSheet()}\n${css}`)
      else if (method === 'GET' && url === '/lab/state') reply(response, 200, await state())
      else if (method !== 'POST') return false
      else if (first === 'lab' && troubles[last]) {
        change(troubles[last])
        reply(response, 204)
      } else if (isContestant(first) && handlers[last]) await handlers[last](lanes[first], request, response)
      else reply(response, 404)
      return true
    },
    close: async () => void (await Promise.all([ours.close(), byHand.close()])),
  }
}

function isContestant(name: string): name is ContestantName {
  return (CONTESTANTS as readonly string[]).includes(name)
}

function reply(response: ServerResponse, status: number, body?: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(body && JSON.stringify(body))
}

import type { AxiosInstance, AxiosResponse } from 'axios'
import { randomFrom, type Seen, type TruthStage, times } from './stage.ts'

/** Answers take up to this, in ms. */
const JITTER_MS = 400
/** How long after the refresh a late 401 arrives, in ms. */
const LATE_MS = 700

/** What came of a scenario: what the callers got, and what the servers saw. */
export interface Outcome extends Seen {
  /** Callers that got the payment they asked for. */
  succeeded: number
}

/** How a storm blows. */
export interface Storm {
  requests: number
  /** Of the jitter. */
  seed: number
  /** How long the token endpoint takes. Default: a part of the jitter. */
  tokenLatencyMs?: number
}

/** That many requests at once, spread over the instances, with an access token that has just expired. */
export async function concurrent401s(
  stage: TruthStage,
  apis: readonly AxiosInstance[],
  { requests, seed, tokenLatencyMs }: Storm,
): Promise<Outcome> {
  const random = randomFrom(seed)
  stage.server.latencyMs = tokenLatencyMs ?? random() * JITTER_MS
  stage.latency = () => random() * JITTER_MS
  await stage.expire()
  const answers = await Promise.allSettled(times(requests, (id) => pay(apis[id % apis.length] as AxiosInstance, id)))
  return { succeeded: answers.filter(isPaid).length, ...stage.seen() }
}

/** A request whose 401 arrives when another one has long brought a new pair. */
export async function late401(stage: TruthStage, [first, last = first]: readonly [AxiosInstance, AxiosInstance?]): Promise<Outcome> {
  await stage.expire()
  const { arrived, release } = stage.holdNextAnswer()
  const late = pay(first, 0)
  await arrived
  const prompt = await Promise.allSettled([pay(last, 1)])
  // This is the network's time, not the test's patience.
  setTimeout(release, LATE_MS)
  const answers = [...prompt, ...(await Promise.allSettled([late]))]
  return { succeeded: answers.filter(isPaid).length, ...stage.seen() }
}

interface Asked {
  id: number
  response: AxiosResponse
}

async function pay(api: AxiosInstance, id: number): Promise<Asked> {
  return { id, response: await api.get(`/v1/payments/${id}`) }
}

function isPaid(answer: PromiseSettledResult<Asked>): boolean {
  if (answer.status === 'rejected') return false
  const { id, response } = answer.value
  return response.status === 200 && response.data.id === String(id)
}

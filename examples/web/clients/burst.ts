import { SERVICES } from '../names.ts'
import type { Recorder } from '../recording/recorder.ts'
import type { Contestant } from './contestant.ts'

/** How many requests leave at once. */
export const BURST = 30

/** Sends requests to all services at once; settles when each has got an answer or an error. */
export async function burst({ instances }: Contestant, recorder: Recorder): Promise<void> {
  const each = BURST / SERVICES.length
  const requests = SERVICES.flatMap((service) =>
    Array.from({ length: each }, (_, id) =>
      recorder.request(service, (adapter) => instances[service].get(`/${service}/${id + 1}`, { adapter })),
    ),
  )
  await Promise.all(requests)
}

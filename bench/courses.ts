import { axiosAuthRefresh, axiosAuthRefreshUndeduplicated } from './contestants/axios-auth-refresh.ts'
import { axiosAuthRefreshQueue } from './contestants/axios-auth-refresh-queue.ts'
import { axiosJwt } from './contestants/axios-jwt.ts'
import { bareAxios } from './contestants/bare-axios.ts'
import type { Contestant } from './contestants/contestant.ts'
import { headerInterceptor } from './contestants/header-interceptor.ts'
import { sharedPromise } from './contestants/shared-promise.ts'
import { type Lane, race } from './measure.ts'
import { burst, sequence } from './races.ts'
import type { RaceReport } from './report.ts'

const on401 = [axiosAuthRefresh, axiosAuthRefreshUndeduplicated, axiosAuthRefreshQueue]

/** What is raced: this library against the others. */
export class Courses {
  readonly #ours: Contestant
  readonly #quick: boolean

  /** @param quick small numbers, for a look whether all of it works. */
  constructor(ours: Contestant, quick: boolean) {
    this.#ours = ours
    this.#quick = quick
  }

  /**
   * Short turns, and many: what else this machine does then hits neighbours alike.
   *
   * @param everybody also those that are known to cost more than the header interceptor.
   */
  fastPath(everybody = false): Promise<RaceReport> {
    const requests = 500
    const more = everybody ? [sharedPromise, ...on401, axiosJwt] : []
    const lanes = [this.#ours, headerInterceptor, bareAxios, ...more].map((contestant) => sequence(contestant, requests))
    const title = `Valid token: ${requests} requests one after another (succeeded: sent with a good token)`
    return this.#run({ title, requests, refreshes: 0, bar: 1.08 }, lanes, this.#pick(150, 3), this.#pick(15, 1))
  }

  /**
   * Requests at once, when the token was revoked.
   *
   * @param equally peers run as often as this library: only then are their times to be compared.
   */
  burst(requests: number, rounds: number, bar?: number, equally = false): Promise<RaceReport> {
    // Peers are slower, or fail: fewer rounds are enough to see it.
    const fewer = { rounds: equally ? rounds : Math.ceil(rounds / 8) }
    const lanes = [burst(this.#ours, requests), burst(sharedPromise, requests), ...on401.map((peer) => burst(peer, requests, fewer))]
    const title = `Burst: ${requests} requests at once, token revoked`
    return this.#run({ title, requests, refreshes: 1, bar }, lanes, rounds, this.#pick(4, 1))
  }

  /** The same over one or several instances, with answers that take different times. */
  jitteredBurst(instances = 3): Promise<RaceReport & Jitter> {
    return this.#jittered(instances, `answers take 0-${this.#pick(400, 40)} ms, token revoked`, { jitterMs: this.#pick(400, 40) }, on401)
  }

  /** The same when the token has expired, and its expiry can be read. */
  expiredBurst(): Promise<RaceReport & Jitter> {
    return this.#jittered(3, `answers take 0-${this.#pick(400, 40)} ms, token expired`, { jitterMs: this.#pick(400, 40), expired: true }, [
      ...on401,
      axiosJwt,
    ])
  }

  async #jittered(instances: number, what: string, options: { jitterMs: number; expired?: boolean }, peers: readonly Contestant[]) {
    const requests = this.#pick(1000, 100)
    const shape = { instances, ...options }
    const lanes = [this.#ours, sharedPromise, ...peers].map((contestant) => burst(contestant, requests, shape))
    const title = `Burst with jitter: ${requests} requests at once over ${counted(instances)}, ${what}`
    const report = await this.#run({ title, requests, refreshes: 1 }, lanes, this.#pick(5, 1), 0)
    return { ...report, instances, jitterMs: options.jitterMs }
  }

  /** This library is in the first lane, what it is compared with in the second. */
  async #run(course: Omit<RaceReport, 'results' | 'reference'>, lanes: Lane[], rounds: number, warmUp: number): Promise<RaceReport> {
    const reference = lanes[1]?.name ?? ''
    process.stderr.write(`${course.title} ...\n`)
    return { ...course, reference, results: await race(lanes, rounds, warmUp, reference) }
  }

  /** Numbers for a real run, and for a quick one. */
  #pick(full: number, small: number): number {
    return this.#quick ? small : full
  }
}

function counted(instances: number): string {
  return instances === 1 ? '1 instance' : `${instances} instances`
}

/** How requests were spread. */
export interface Jitter {
  instances: number
  jitterMs: number
}

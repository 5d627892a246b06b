import { startTimer, systemClock } from '../../core/clock.ts'
import { ignore, within } from '../../core/wait.ts'
import { isIoredis } from './client.ts'

/** A subscription that stands; `onEnd` tells when it no longer does. */
type Subscribe = (channel: string, onMessage: (text: string) => void, onEnd: () => void) => Promise<() => void>

/** How long connecting and subscribing may take, in ms: over a network that is cut no answer comes, and no error. */
const PATIENCE_MS = 10_000
/** How long after an answer it is asked again whether the subscription still stands, in ms. */
const PING_MS = 10_000
/** How long that answer may take, in ms: a Redis that is busy for some seconds is not gone. */
const ANSWER_MS = 10_000

/** What is used of a client of node-redis that subscribes. */
interface NodeRedisSubscriber {
  options?: { socket?: object }
  duplicate(options: object): NodeRedisSubscriber
  on(event: string, listener: () => void): unknown
  unref(): void
  connect(): Promise<unknown>
  subscribe(channel: string, listener: (text: string) => void): Promise<unknown>
  ping(): Promise<unknown>
  destroy?(): void
  /** What `destroy` was called before node-redis 5. */
  disconnect?(): unknown
}

/** What is used of a client of ioredis that subscribes. */
interface IoredisSubscriber {
  stream?: { unref?(): void }
  duplicate(options: object): IoredisSubscriber
  on(event: string, listener: (channel: string, text: string) => void): unknown
  connect(): Promise<unknown>
  subscribe(channel: string): Promise<unknown>
  ping(): Promise<unknown>
  disconnect(): void
}

/** A connection that subscribes. */
interface Subscriber {
  connected: Promise<unknown>
  ping(): Promise<unknown>
  close(): void
}

/**
 * Subscribes on a connection of its own, which keeps no Node process alive. It does not reconnect: who does that for
 * it knows when something may have been missed.
 */
export async function subscribe(node: Promise<unknown>, ...[channel, onMessage, onEnd]: Parameters<Subscribe>): Promise<() => void> {
  const late = () => new Error('No subscription in time')
  const client = await within(node, PATIENCE_MS, systemClock, late)
  const subscriber = isIoredis(client)
    ? viaIoredis(client as unknown as IoredisSubscriber, channel, onMessage, onEnd)
    : viaNodeRedis(client as NodeRedisSubscriber, channel, onMessage, onEnd)
  try {
    await within(subscriber.connected, PATIENCE_MS, systemClock, late)
  } catch (error) {
    subscriber.close()
    throw error
  }
  const stopPings = keepAsking(subscriber, onEnd)
  return () => {
    stopPings()
    subscriber.close()
  }
}

/** Asks from time to time: a connection that somebody in between has forgotten says nothing, and does not end. */
function keepAsking(subscriber: Subscriber, onSilence: () => void): () => void {
  let stopTimer = ignore
  let stopped = false
  const ask = () => {
    stopTimer = startTimer(systemClock, ANSWER_MS, onSilence)
    // Also a refusal is an answer, if only of the client: node-redis 4.5 and older cannot ask. An end is told otherwise.
    subscriber.ping().then(rest, rest)
  }
  const rest = () => {
    stopTimer()
    if (!stopped) stopTimer = startTimer(systemClock, PING_MS, ask)
  }
  rest()
  return () => {
    stopped = true
    stopTimer()
  }
}

function viaNodeRedis(client: NodeRedisSubscriber, ...[channel, onMessage, onEnd]: Parameters<Subscribe>): Subscriber {
  const subscriber = client.duplicate({ socket: { ...client.options?.socket, reconnectStrategy: false } })
  // Without a listener an error would end the process; with no reconnecting, any of them is the end.
  subscriber.on('error', onEnd)
  subscriber.on('end', onEnd)
  subscriber.unref()
  return {
    connected: subscriber.connect().then(() => subscriber.subscribe(channel, onMessage)),
    ping: async () => subscriber.ping(),
    close() {
      try {
        void Promise.resolve(subscriber.destroy ? subscriber.destroy() : subscriber.disconnect?.()).catch(ignore)
      } catch {
        // It is closed.
      }
    },
  }
}

function viaIoredis(client: IoredisSubscriber, ...[channel, onMessage, onEnd]: Parameters<Subscribe>): Subscriber {
  const subscriber = client.duplicate({
    lazyConnect: true,
    retryStrategy: () => null,
    enableOfflineQueue: true,
    readOnly: false,
    // What takes too long is judged here: an error of the client must not pass for an answer.
    commandTimeout: undefined,
  })
  subscriber.on('error', ignore)
  subscriber.on('end', onEnd)
  subscriber.on('connect', () => subscriber.stream?.unref?.())
  subscriber.on('message', (_, text) => onMessage(text))
  return {
    connected: subscriber.connect().then(() => subscriber.subscribe(channel)),
    ping: async () => subscriber.ping(),
    close: () => subscriber.disconnect(),
  }
}

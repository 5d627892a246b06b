import { systemClock } from '../../core/clock.ts'
import { ignore, within } from '../../core/wait.ts'
import { isIoredis } from './client.ts'

/** A subscription that stands; `onEnd` tells when it no longer does. */
type Subscribe = (channel: string, onMessage: (text: string) => void, onEnd: () => void) => Promise<() => void>

/** How long connecting and subscribing may take, in ms: over a network that is cut no answer comes, and no error. */
const PATIENCE_MS = 10_000

/** What is used of a client of node-redis that subscribes. */
interface NodeRedisSubscriber {
  options?: { socket?: object }
  duplicate(options: object): NodeRedisSubscriber
  on(event: string, listener: () => void): unknown
  unref(): void
  connect(): Promise<unknown>
  subscribe(channel: string, listener: (text: string) => void): Promise<unknown>
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
  disconnect(): void
}

/**
 * Subscribes on a connection of its own, which keeps no Node process alive. It does not reconnect: who does that for
 * it knows when something may have been missed.
 */
export async function subscribe(node: unknown, ...[channel, onMessage, onEnd]: Parameters<Subscribe>): Promise<() => void> {
  const [connected, close] = isIoredis(node)
    ? viaIoredis(node as unknown as IoredisSubscriber, channel, onMessage, onEnd)
    : viaNodeRedis(node as NodeRedisSubscriber, channel, onMessage, onEnd)
  try {
    await within(connected, PATIENCE_MS, systemClock, () => new Error('No subscription in time'))
  } catch (error) {
    close()
    throw error
  }
  return close
}

function viaNodeRedis(client: NodeRedisSubscriber, ...[channel, onMessage, onEnd]: Parameters<Subscribe>): [Promise<unknown>, () => void] {
  const subscriber = client.duplicate({ socket: { ...client.options?.socket, reconnectStrategy: false } })
  // Without a listener an error would end the process; with no reconnecting, any of them is the end.
  subscriber.on('error', onEnd)
  subscriber.on('end', onEnd)
  subscriber.unref()
  const close = () => {
    try {
      void Promise.resolve(subscriber.destroy ? subscriber.destroy() : subscriber.disconnect?.()).catch(ignore)
    } catch {
      // It is closed.
    }
  }
  return [subscriber.connect().then(() => subscriber.subscribe(channel, onMessage)), close]
}

function viaIoredis(client: IoredisSubscriber, ...[channel, onMessage, onEnd]: Parameters<Subscribe>): [Promise<unknown>, () => void] {
  const subscriber = client.duplicate({ lazyConnect: true, retryStrategy: () => null, enableOfflineQueue: true, readOnly: false })
  subscriber.on('error', ignore)
  subscriber.on('end', onEnd)
  subscriber.on('connect', () => subscriber.stream?.unref?.())
  subscriber.on('message', (_, text) => onMessage(text))
  return [subscriber.connect().then(() => subscriber.subscribe(channel)), () => subscriber.disconnect()]
}

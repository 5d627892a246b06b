import { redisError } from './redis-error.ts'

/** What `redisStore` needs of a client of node-redis (`createClient`). */
export interface NodeRedisClient {
  /** Whether it has been connected, and not closed. */
  readonly isOpen: boolean
  /** Sends one command, its name first. */
  sendCommand(args: string[]): Promise<unknown>
  /** Makes another client with the same options, for the subscription. */
  duplicate(): unknown
  /** Lets the process end although it is connected; it is also what tells a client from pools and sentinels. */
  unref(): void
}

/** What `redisStore` needs of a cluster of node-redis (`createCluster`). */
export interface NodeRedisCluster {
  /** Whether it has been connected, and not closed. */
  readonly isOpen: boolean
  /** The nodes that take writes. */
  readonly masters: readonly object[]
  /** Sends one command to the node that has the key. */
  sendCommand(firstKey: string | undefined, isReadonly: boolean | undefined, args: string[]): Promise<unknown>
  /** The client of one node, to be duplicated for the subscription. */
  nodeClient(node: never): unknown
}

/** What `redisStore` needs of ioredis: `new Redis()`, or `new Cluster([...])`. */
export interface IoredisClient {
  /** `'end'` once it is closed for good. */
  readonly status: string
  /** Sends one command. */
  call(command: string, args: string[]): Promise<unknown>
  /** Makes another client with the same options, for the subscription. */
  duplicate(): unknown
}

/** A client that `redisStore` can work with; connecting and closing it is the caller's. */
export type RedisStoreClient = NodeRedisClient | NodeRedisCluster | IoredisClient

/** Sends one command, its name in lower case: ioredis knows the keys of those only. A cluster needs the key that it is about. */
export type Send = (args: [string, ...string[]], key?: string) => Promise<unknown>

/** How the store sees any client. */
export interface Connection {
  send: Send
  /** Whether it has been connected, and not closed. */
  isOpen(): boolean
  /** A client of one node, of the same library, to be duplicated for a subscription: in a cluster each tells what is published at the others. */
  node(): Promise<unknown>
}

/** @throws TypeError for what is no client, or one of an unknown kind. */
export function connectionOf(client: RedisStoreClient): Connection {
  const connection = isIoredis(client)
    ? ofIoredis(client)
    : isCluster(client)
      ? ofCluster(client)
      : isNodeRedis(client) && ofNodeRedis(client)
  if (!connection)
    throw new TypeError('redisStore: expected a client of node-redis (createClient, createCluster) or of ioredis (Redis, Cluster)')
  return {
    ...connection,
    send: async (args, key) => {
      try {
        return await connection.send(args, key)
      } catch (error) {
        throw redisError(args, error)
      }
    },
  }
}

/** Whether a client is one of ioredis: `Redis` or `Cluster`. */
export function isIoredis(client: unknown): client is IoredisClient {
  return has(client, 'call', 'duplicate') && typeof Object(client).status === 'string'
}

function isCluster(client: unknown): client is NodeRedisCluster {
  return has(client, 'sendCommand', 'nodeClient') && 'masters' in Object(client)
}

/** Pools and sentinels send in ways of their own; `unref` is what only single clients have. */
function isNodeRedis(client: unknown): client is NodeRedisClient {
  return has(client, 'sendCommand', 'duplicate', 'unref')
}

function has(client: unknown, ...methods: string[]): boolean {
  return methods.every((method) => typeof Object(client)[method] === 'function')
}

function ofIoredis(client: IoredisClient): Connection {
  return {
    send: ([command, ...args]) => client.call(command, args),
    isOpen: () => client.status !== 'end',
    node: async () => {
      const { nodes } = client as { nodes?: (this: unknown) => unknown[] }
      return nodes ? anyOf(nodes.call(client)) : client
    },
  }
}

function ofNodeRedis(client: NodeRedisClient): Connection {
  return { send: (args) => client.sendCommand(args), isOpen: () => client.isOpen, node: async () => client }
}

function ofCluster(client: NodeRedisCluster): Connection {
  return {
    // Never from a replica: what it does not know yet would count as overtaken.
    send: (args, key) => client.sendCommand(key, false, args),
    isOpen: () => client.isOpen,
    node: async () => client.nodeClient(anyOf(client.masters) as never),
  }
}

function anyOf<T>(items: readonly T[]): T {
  const item = items[Math.floor(Math.random() * items.length)]
  if (item === undefined) throw new Error('No node of the cluster is known yet')
  return item
}

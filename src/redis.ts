/**
 * A store in Redis, for processes on several machines.
 *
 * @module axios-renew/redis
 */

export type { IoredisClient, NodeRedisClient, NodeRedisCluster, RedisStoreClient } from './stores/redis/client.ts'
export { type RedisStore, type RedisStoreOptions, redisStore } from './stores/redis/redis-store.ts'

export type { IoredisClient, NodeRedisClient, NodeRedisCluster, RedisStoreClient } from './stores/redis/client.ts'
export { type RedisStore, type RedisStoreOptions, redisStore } from './stores/redis/redis-store.ts'

/**
 * Key-value store and shared rate limit on Redis.
 *
 * @module @kanau/redis
 */
export * as RedisKeyValue from "./RedisKeyValue.ts"
export * as RedisTokenBucket from "./RedisTokenBucket.ts"

export * as RedisKeyValue from "./RedisKeyValue.ts"
export * as RedisTokenBucket from "./RedisTokenBucket.ts"

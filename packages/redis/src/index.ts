export * as RedisKeyValue from "./RedisKeyValue.ts"

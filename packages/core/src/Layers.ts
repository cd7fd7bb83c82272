/**
 * The layers that runners and applications put around processors. Each is built once and costs next to nothing per
 * call when it has nothing to do. Apply with `pipe`, innermost first; `standard` has the order for calls to a
 * dependency. Layers that others must see into (`circuitBreaker`, `bulkhead`) are made by an Effect, once, as a value
 * with a `layer`.
 *
 * @example
 * ```ts
 * import { Layers } from "@kanau/core"
 * import { Effect, pipe } from "effect"
 *
 * const guarded = pipe(
 *   (id: string) => Effect.succeed(`note ${id}`),
 *   Layers.timeout("notes", "2 seconds"),
 *   Layers.retry({ times: 3 }),
 *   Layers.meter("notes")
 * )
 * await Effect.runPromise(guarded("n1")) // => "note n1"
 * ```
 */
export { authorize, PermissionDenied } from "./layers/Authorize.ts"
export { batch, type Batching, type BatchOptions, type BatchProcessor } from "./layers/Batch.ts"
export { type Bulkhead, bulkhead, type BulkheadOptions, Overloaded } from "./layers/Bulkhead.ts"
export { cache, type CacheOptions } from "./layers/Cache.ts"
export {
  type CircuitBreaker,
  circuitBreaker,
  type CircuitBreakerOptions,
  CircuitOpen,
  type CircuitState
} from "./layers/CircuitBreaker.ts"
export { fallback } from "./layers/Fallback.ts"
export { hedge } from "./layers/Hedge.ts"
export { type Idempotency, idempotency, type IdempotencyOptions, InProgress, KeyReused } from "./layers/Idempotency.ts"
export { type LoadShed, loadShed, type LoadShedOptions } from "./layers/LoadShed.ts"
export { log } from "./layers/Log.ts"
export { meter } from "./layers/Meter.ts"
export { rateLimit, RateLimited, type RateLimitOptions } from "./layers/RateLimit.ts"
export type { Readiness } from "./layers/Readiness.ts"
export { type Repeating, retry, type RetryOptions } from "./layers/Retry.ts"
export { type SharedRateLimit, sharedRateLimit, type SharedRateLimitOptions } from "./layers/SharedRateLimit.ts"
export { presets, standard, type StandardOptions } from "./layers/Standard.ts"
export { timeout } from "./layers/Timeout.ts"
export { trace } from "./layers/Trace.ts"
export { validate, type Validation } from "./layers/Validate.ts"

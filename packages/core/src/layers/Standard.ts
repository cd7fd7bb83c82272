/**
 * The layers around a call to a dependency, in the one order that works:
 *
 *     trace > meter > circuit breaker > retry > time-out > the call
 *
 * Each attempt has its own limit; retries belong to one call, so the breaker counts what the caller would see and an open
 * breaker is not retried; the counter and the span outside see one call with its final outcome, refusals included.
 */
import { type Duration, Effect } from "effect"
import type * as Fault from "../Fault.ts"
import type { Passthrough, Processor } from "../Processor.ts"
import { type CircuitBreaker, circuitBreaker, type CircuitBreakerOptions, type CircuitOpen } from "./CircuitBreaker.ts"
import { meter } from "./Meter.ts"
import { retry, type RetryOptions } from "./Retry.ts"
import { timeout } from "./Timeout.ts"
import { trace } from "./Trace.ts"

/** Settings of {@link standard}. */
export interface StandardOptions {
  /** Longest time of one attempt. */
  readonly timeout: Duration.Input
  /** Used only with `idempotent: true`. */
  readonly retry?: RetryOptions
  /** When the breaker opens and closes. */
  readonly breaker?: CircuitBreakerOptions
  /** Whether the calls may run twice; without it nothing is retried. */
  readonly idempotent?: boolean
}

/**
 * Makes the layers for one dependency, once. The result is a breaker whose layer does all of it.
 * Calls that may run twice and calls that may not need one each; they then have a breaker each.
 *
 * @example
 * ```ts
 * import { Layers, Processor } from "@kanau/core"
 * import { Effect } from "effect"
 *
 * const redis = Effect.runSync(Layers.standard("redis", { ...Layers.presets.redis, idempotent: true }))
 * const get = redis.layer((key: string) => Effect.succeed(`value of ${key}`))
 * await Effect.runPromise(get("k")) // => "value of k"
 * Processor.shape(get).layers.map(({ layer }) => layer) // => ["trace", "meter", "circuitBreaker", "retry", "timeout"]
 * ```
 */
export const standard = (
  name: string,
  options: StandardOptions
): Effect.Effect<CircuitBreaker<CircuitOpen | Fault.TimedOut>> =>
  Effect.map(circuitBreaker(name, options.breaker), (breaker) => {
    const limited = timeout(name, options.timeout)
    // Whoever says `idempotent: true` has said that the work may run twice; that is what the type of `retry` asks.
    const repeated = options.retry !== undefined && options.idempotent === true
      ? retry({ operation: name, ...options.retry }) as Passthrough
      : undefined
    const counted = meter(name)
    const traced = trace(name)
    const layer = <In, Out, Err, Req>(next: Processor<In, Out, Err, Req>) => {
      const attempt = limited(next)
      return traced(counted(breaker.layer(repeated === undefined ? attempt : repeated(attempt))))
    }
    return { ...breaker, layer }
  })

/**
 * Options for {@link standard} by kind of dependency. Spread one and add `idempotent: true` where it is true.
 *
 * @example
 * ```ts
 * import { Layers } from "@kanau/core"
 *
 * Layers.presets.redis.breaker // => { failures: 3, successes: 2, openFor: "15 seconds", window: 50 }
 * ```
 */
export const presets = {
  grpc: {
    timeout: "30 seconds",
    breaker: { failures: 5, successes: 2, openFor: "60 seconds" },
    retry: { times: 3, base: "100 millis", cap: "5 seconds" }
  },
  /** No retries: a transaction is retried by the one who knows what it does. */
  database: {
    timeout: "10 seconds",
    breaker: { failures: 10, successes: 3, openFor: "30 seconds", errorRate: 0.6 }
  },
  redis: {
    timeout: "5 seconds",
    breaker: { failures: 3, successes: 2, openFor: "15 seconds", window: 50 },
    retry: { times: 2, base: "50 millis", cap: "1 second" }
  },
  externalHttp: {
    timeout: "60 seconds",
    breaker: { failures: 5, successes: 2, openFor: "120 seconds" },
    retry: { times: 5, base: "500 millis", cap: "30 seconds" }
  },
  broker: {
    timeout: "5 seconds",
    breaker: { failures: 5, successes: 2, openFor: "30 seconds" },
    retry: { times: 3 }
  },
  objectStorage: {
    timeout: "120 seconds",
    breaker: { failures: 5, successes: 2, openFor: "60 seconds", window: 50 },
    retry: { times: 5 }
  }
} as const satisfies Readonly<Record<string, StandardOptions>>

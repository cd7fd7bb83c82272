/**
 * Calls again after transient faults. Waits double from `base` up to `cap`, with full jitter: each wait is anything
 * between nothing and that, so callers that failed together do not come back together.
 *
 * A fault that says `retryAfterMillis` is waited for at least that long, and ends the call at once when that is longer
 * than `cap`. Other errors, defects and interruption pass through. Put it only around work that may run twice, outside
 * `timeout` so that each attempt has its own limit; work that says it may not (`OnceOnly`) does not compile.
 */
import { Duration, Effect, Exit, Metric, Random } from "effect"
import { isTransientFault, retryAfterOf } from "../internal/faultHints.ts"
import { labelled } from "../internal/labelled.ts"
import { monotonicMillis } from "../internal/monotonic.ts"
import * as RetryBudget from "../internal/retryBudget.ts"
import { atLeast, share } from "../internal/settings.ts"
import { layered } from "../internal/shape.ts"
import type * as OnceOnly from "../OnceOnly.ts"
import type { Processor } from "../Processor.ts"

/** Settings of {@link retry}. */
export interface RetryOptions {
  /** Most calls after the first. */
  readonly times: number
  /** Longest first wait; 100 ms when absent. */
  readonly base?: Duration.Input
  /** Longest wait of all; 30 s when absent. */
  readonly cap?: Duration.Input
  /**
   * Time for the whole, from the start of the first attempt. A retry that would begin later does not begin, and one
   * that runs then is interrupted; the call ends with the fault it had. The first attempt is limited by `timeout`.
   */
  readonly deadline?: Duration.Input
  /** Retries allowed over a window, counted over everything this layer is put around. */
  readonly budget?: {
    /** Retries allowed as a share of the calls. */
    readonly share: number
    /** 10 s when absent. */
    readonly window?: Duration.Input
    /** Retries allowed in a window however few calls there are; 10 when absent. */
    readonly minimum?: number
  }
  /** Stands in `kanau_retries_total{operation}`; `-` when absent. `standard` fills it in. */
  readonly operation?: string
}

/** A layer that fits any processor that may run twice. */
export type Repeating = <In, Out, Err, Req>(
  next: Processor<In, Out, Err, Req> & OnceOnly.MayRunTwice<Req>
) => Processor<In, Out, Err, Req>

/**
 * Repeats a call that ended with a fault of kind `unavailable`, `timeout` or `rate-limited`. Retries are counted in
 * `kanau_retries_total{operation}`.
 *
 * @example
 * ```ts
 * import { Fault, Layers } from "@kanau/core"
 * import { Effect, pipe } from "effect"
 *
 * let calls = 0
 * const flaky = (_: string) =>
 *   Effect.suspend(() =>
 *     ++calls < 3 ? Effect.fail(new Fault.Unavailable({ dependency: "search", reason: "down" })) : Effect.succeed(calls)
 *   )
 * const patient = pipe(flaky, Layers.retry({ times: 3, base: "1 millis" }))
 * await Effect.runPromise(patient("cats")) // => 3
 * ```
 */
export const retry = (options: RetryOptions): Repeating => {
  const times = atLeast(0, "retry: times", options.times)
  const base = Duration.toMillis(options.base ?? "100 millis")
  const cap = Duration.toMillis(options.cap ?? "30 seconds")
  const deadline = options.deadline === undefined ? Infinity : Duration.toMillis(options.deadline)
  const budget = options.budget === undefined ? undefined : RetryBudget.make(
    share("retry: budget.share", options.budget.share),
    Duration.toMillis(options.budget.window ?? "10 seconds"),
    atLeast(0, "retry: budget.minimum", options.budget.minimum ?? 10)
  )
  const isBounded = deadline !== Infinity || budget !== undefined
  const counter = labelled(retries, { operation: options.operation ?? "-" })
  const settings = {
    times,
    baseMillis: base,
    capMillis: cap,
    ...(options.deadline === undefined ? {} : { deadlineMillis: deadline }),
    ...(options.budget === undefined ? {} : { budgetShare: options.budget.share })
  }

  return <In, Out, Err, Req>(next: Processor<In, Out, Err, Req>): Processor<In, Out, Err, Req> => {
    const attempt = (input: In, made: number, endsAt: number): Effect.Effect<Out, Err, Req> => {
      const call = next(input)
      return Exit.isExit(call) && Exit.isSuccess(call)
        ? call
        : Effect.catchIf(call, isTransientFault, (fault) => again(input, made, endsAt, fault))
    }

    const again = (input: In, made: number, endsAt: number, fault: Err): Effect.Effect<Out, Err, Req> =>
      Effect.withFiber((fiber) => {
        const asked = retryAfterOf(fault)
        if (made >= times || asked > cap) return Effect.fail(fault)
        const jittered = fiber.getRef(Random.Random).nextDoubleUnsafe() * Math.min(cap, base * 2 ** made)
        const wait = Math.max(asked, jittered)
        const now = isBounded ? monotonicMillis(fiber) : 0
        if (now + wait >= endsAt || budget?.take(now) === false) return Effect.fail(fault)
        const rest = Effect.andThen(
          Effect.sleep(wait),
          Effect.suspend(() => {
            counter.updateUnsafe(1, fiber.context)
            return attempt(input, made + 1, endsAt)
          })
        )
        // One timer for all that follows; it is set when the first retry is due, so a call that succeeds has none.
        return made > 0 || endsAt === Infinity
          ? rest
          : Effect.timeoutOrElse(rest, { duration: endsAt - now, orElse: () => Effect.fail(fault) })
      })

    return layered(
      "retry",
      settings,
      next,
      isBounded
        ? (input) =>
          Effect.withFiber((fiber) => {
            const now = monotonicMillis(fiber)
            budget?.call(now)
            return attempt(input, 0, now + deadline)
          })
        : (input) => attempt(input, 0, Infinity)
    )
  }
}

const retries = Metric.counter("kanau_retries_total", {
  description: "Calls made again after a transient fault",
  incremental: true
})

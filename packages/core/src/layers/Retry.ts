/**
 * Calls again after transient faults. Waits double from `base` up to `cap`, with full jitter: each wait is anything
 * between nothing and that, so callers that failed together do not come back together.
 *
 * A fault that says `retryAfterMillis` is waited for at least that long, and ends the call at once when that is longer
 * than `cap`. Other errors, defects and interruption pass through. It does not know whether work may run twice: put it
 * only around work that may, outside `timeout` so that each attempt has its own limit.
 */
import { Duration, Effect, Random } from "effect"
import { isTransientFault, retryAfterOf } from "../internal/faultHints.ts"
import { monotonicMillis } from "../internal/monotonic.ts"
import * as RetryBudget from "../internal/retryBudget.ts"
import { atLeast, share } from "../internal/settings.ts"
import type { Passthrough, Processor } from "../Processor.ts"

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
}

/** Repeats a call that ended with a fault of kind `unavailable`, `timeout` or `rate-limited`. */
export const retry = (options: RetryOptions): Passthrough => {
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

  return <In, Out, Err, Req>(next: Processor<In, Out, Err, Req>): Processor<In, Out, Err, Req> => {
    const attempt = (input: In, made: number, endsAt: number): Effect.Effect<Out, Err, Req> =>
      Effect.catchIf(next(input), isTransientFault, (fault) => again(input, made, endsAt, fault))

    const again = (input: In, made: number, endsAt: number, fault: Err): Effect.Effect<Out, Err, Req> =>
      Effect.withFiber((fiber) => {
        const asked = retryAfterOf(fault)
        if (made >= times || asked > cap) return Effect.fail(fault)
        const jittered = fiber.getRef(Random.Random).nextDoubleUnsafe() * Math.min(cap, base * 2 ** made)
        const wait = Math.max(asked, jittered)
        const now = isBounded ? monotonicMillis(fiber) : 0
        if (now + wait >= endsAt || budget?.take(now) === false) return Effect.fail(fault)
        const rest = Effect.andThen(Effect.sleep(wait), Effect.suspend(() => attempt(input, made + 1, endsAt)))
        // One timer for all that follows; it is set when the first retry is due, so a call that succeeds has none.
        return made > 0 || endsAt === Infinity
          ? rest
          : Effect.timeoutOrElse(rest, { duration: endsAt - now, orElse: () => Effect.fail(fault) })
      })

    return isBounded
      ? (input) =>
        Effect.withFiber((fiber) => {
          const now = monotonicMillis(fiber)
          budget?.call(now)
          return attempt(input, 0, now + deadline)
        })
      : (input) => attempt(input, 0, Infinity)
  }
}

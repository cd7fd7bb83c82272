/**
 * Pauses between attempts at something that is to last: each twice as long as the one before, up to a longest, spread so
 * that many processes do not try at once. After an attempt that lasted, the pauses begin anew.
 */
import { Duration, Effect, Schedule } from "effect"

const first = 100

/**
 * From a tenth of a second up to `longest`. An attempt has lasted when the next failure comes after more than twice
 * `longest`. It never gives up.
 *
 * @example
 * ```ts
 * import { Backoff } from "@kanau/core"
 * import { Effect } from "effect"
 *
 * let left = 1
 * const connected = Effect.suspend(() => left-- > 0 ? Effect.fail("down") : Effect.succeed("up"))
 * await Effect.runPromise(Effect.retry(connected, Backoff.upTo("5 seconds"))) // => "up"
 * ```
 */
export const upTo = (longest: Duration.Input): Schedule.Schedule<Duration.Duration> => {
  const most = Duration.toMillis(Duration.fromInputUnsafe(longest))
  const step = Effect.sync(() => {
    let next = first
    return ({ elapsedSincePrevious }: Schedule.InputMetadata<unknown>) => {
      if (elapsedSincePrevious > 2 * most) next = first
      const pause = Duration.millis(Math.min(most, next))
      next = Math.min(most, next * 2)
      return Effect.succeed<[Duration.Duration, Duration.Duration]>([pause, pause])
    }
  })
  return Schedule.jittered(Schedule.fromStepWithMetadata(step))
}

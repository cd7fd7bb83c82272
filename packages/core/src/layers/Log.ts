/** What ran, how long, and how it ended. */
import { Effect, LogLevel, References } from "effect"
import * as Fault from "../Fault.ts"
import { monotonicMillis } from "../internal/monotonic.ts"
import { layered } from "../internal/shape.ts"
import type { Passthrough } from "../Processor.ts"

/**
 * Writes two debug lines for a call: that it started, and its outcome (`ok`, a fault kind, `interrupted`) with
 * the milliseconds it took. Inputs, outputs and errors are not written. Costs one branch when debug lines are not wanted.
 *
 * @example
 * ```ts
 * import { Layers } from "@kanau/core"
 * import { Effect, Logger, pipe, References } from "effect"
 *
 * const lines: Array<unknown> = []
 * const logger = Logger.make(({ message }) => void lines.push(message))
 * const logged = pipe((n: number) => Effect.succeed(n), Layers.log("FindNote"))
 * const run = Effect.provideService(logged(1), References.MinimumLogLevel, "Debug")
 * Effect.runSync(Effect.provide(run, Logger.layer([logger]))) // => 1
 * lines // => [["FindNote started"], ["FindNote ended"]]
 * ```
 */
export const log = (operation: string): Passthrough => {
  const started = Effect.logDebug(`${operation} started`)
  const ended = Effect.logDebug(`${operation} ended`)
  return (next) =>
    layered("log", { operation }, next, (input) =>
      Effect.withFiber((fiber) => {
        if (LogLevel.isGreaterThan(fiber.getRef(References.MinimumLogLevel), "Debug")) return next(input)
        const began = monotonicMillis(fiber)
        return Effect.andThen(
          started,
          Effect.onExit(Effect.suspend(() => next(input)), (exit) => {
            const outcome = exit._tag === "Success" ? "ok" : Fault.kindOf(exit.cause)
            return Effect.annotateLogs(ended, { outcome, durationMillis: monotonicMillis(fiber) - began })
          })
        )
      }))
}

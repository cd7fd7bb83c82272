/** Waiting until views show a change: behind `Kanau-After`, and for tests. */
import type { Fault } from "@kanau/core"
import { type Duration, Effect, Schedule } from "effect"
import { ViewStore } from "./ViewStore.ts"

/**
 * Waits until the events at these positions are applied to every view; false when that takes longer than `limit`.
 *
 * @example
 * ```ts
 * const { position } = yield* renameVn
 * yield* CausalRead.whenCaughtUp([position], "3 seconds") // => true
 * ```
 */
export const whenCaughtUp = (
  positions: ReadonlyArray<string>,
  limit: Duration.Input
): Effect.Effect<boolean, Fault.Unavailable, ViewStore> =>
  Effect.flatMap(ViewStore, (store) =>
    store.unapplied(positions).pipe(
      Effect.repeat({ until: (missing) => missing.length === 0, schedule: pollSchedule }),
      Effect.as(true),
      Effect.timeoutOrElse({ duration: limit, orElse: () => Effect.succeed(false) })
    ))

/** A change shows within milliseconds as a rule; asking becomes rarer while it does not. */
const pollSchedule = Schedule.min([Schedule.exponential("4 millis", 1.5), Schedule.spaced("50 millis")])

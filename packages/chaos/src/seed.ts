/** The seed of a run, as it is given on the command line. */
import { Clock, Effect, Option } from "effect"
import { Flag } from "effect/cli"

export const seed = Flag.Int("seed").pipe(
  Flag.optional,
  Flag.withDescription("Repeats a run; chosen and printed when absent")
)

/** The one that was given, or one by chance. */
export const chosenOf = (given: Option.Option<number>): Effect.Effect<number> =>
  Option.match(given, {
    onNone: () => Effect.map(Clock.currentTimeMillis, (now) => now % 1_000_000),
    onSome: Effect.succeed
  })

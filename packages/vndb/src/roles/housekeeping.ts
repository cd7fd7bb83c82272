import type { Fault } from "@kanau/core"
import { Effect, Schedule } from "effect"

/** How long events stay in the log, and how long hooks remember what they have done. */
export const retention = "90 days"

/**
 * Does work every hour until the scope closes, for the first time after a minute, when the start is over. Trouble is
 * logged; an hour later it is tried again.
 */
export const hourly = <E extends Fault.Fault, R>(what: string, work: Effect.Effect<unknown, E, R>) =>
  work.pipe(
    Effect.tapError((fault) => Effect.logWarning(`${what} did not work, trying again in an hour: ${fault.message}`)),
    Effect.ignore,
    Effect.repeat(Schedule.spaced("1 hour")),
    Effect.delay("1 minute"),
    Effect.forkScoped
  )

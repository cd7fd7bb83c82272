/**
 * The role that knows what time it is: sends the signals of scheduled jobs through the outbox. Any number of processes
 * may play it; one leads.
 */
import { ScheduleRunner } from "@kanau/messaging"
import { Effect, Layer } from "effect"
import { needsPostgres } from "./availability.ts"
import { timetable } from "./housekeeping.ts"

export { timetable }

/** `source` of the signals this role appends. */
export const source = "/scheduler"

export const layer = Layer.effectDiscard(
  Effect.andThen(needsPostgres, Effect.forkScoped(ScheduleRunner.run(timetable)))
)

/**
 * What keeps the tables of the library within bounds: a signal every hour, and the work it asks for. The work may be
 * done any number of times.
 */
import { Message } from "@kanau/core"
import { Consumer, Timetable } from "@kanau/messaging"
import { DeadLetters, EventLog, PgInbox } from "@kanau/postgres"
import { Effect, Schema } from "effect"
import { DayBegun } from "./days.ts"

/** How long events stay in the log, and how long hooks remember what they have done. */
const retention = "90 days"

// #region signal
/** Published by the scheduler; consumed by the event-handler. */
export class HousekeepingDue extends Message.signal<HousekeepingDue>()("vndb.housekeeping.due", {
  fields: { due: Schema.String },
  subject: () => "housekeeping"
}) {}
// #endregion

// #region timetable
/** What the scheduler does. */
export const timetable = Timetable.make("nova-vndb", [
  Timetable.job({
    name: "housekeeping",
    calendar: Timetable.every("1 hour"),
    catchUp: "last",
    signal: HousekeepingDue,
    make: (due) => new HousekeepingDue({ due: due.toISOString() })
  }),
  Timetable.job({
    name: "day",
    // Some minutes into the day, so that it has begun by every clock.
    calendar: Timetable.cron("5 0 * * *"),
    catchUp: "last",
    signal: DayBegun,
    make: (due) => new DayBegun({ due: due.toISOString() })
  })
])
// #endregion

// #region executor
const keepWithinBounds = () =>
  Effect.all([
    EventLog.maintain({ keep: retention }),
    PgInbox.trim({ keep: retention }),
    DeadLetters.trim({ keep: retention })
  ], { discard: true })

export const housekeeping = Consumer.make({
  queue: "event-handler.housekeeping",
  handlers: [Consumer.on(HousekeepingDue, keepWithinBounds)]
})
// #endregion

/**
 * What keeps the tables of the library within bounds: a signal every hour, and the work it asks for. The work may be
 * done any number of times.
 */
import { Message } from "@kanau/core"
import { Consumer, Timetable } from "@kanau/messaging"
import { EventLog, PgInbox } from "@kanau/postgres"
import { Effect, Schema } from "effect"

/** How long events stay in the log, and how long hooks remember what they have done. */
const retention = "90 days"

/** Published by the scheduler; consumed by the event-handler. */
export class HousekeepingDue extends Message.signal<HousekeepingDue>()("vndb.housekeeping.due", {
  fields: { due: Schema.String },
  subject: () => "housekeeping"
}) {}

/** What the scheduler does. */
export const timetable = Timetable.make("nova-vndb", [
  Timetable.job({
    name: "housekeeping",
    calendar: Timetable.every("1 hour"),
    catchUp: "last",
    signal: HousekeepingDue,
    make: (due) => new HousekeepingDue({ due: due.toISOString() })
  })
])

const keepWithinBounds = () =>
  Effect.andThen(EventLog.maintain({ keep: retention }), Effect.asVoid(PgInbox.trim({ keep: retention })))

export const housekeeping = Consumer.make({
  queue: "event-handler.housekeeping",
  handlers: [Consumer.on(HousekeepingDue, keepWithinBounds)]
})

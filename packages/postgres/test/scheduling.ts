/** A timetable that keeps a scheduler busy, for tests that kill it. */
import { Message } from "@kanau/core"
import { Timetable } from "@kanau/messaging"
import { Schema } from "effect"

class Ticked extends Message.signal<Ticked>()("test.schedule.ticked", {
  fields: { job: Schema.String, due: Schema.Int },
  subject: ({ job }) => job
}) {}

export const stepMillis = 50

const step: Timetable.Calendar = {
  text: "every 50 ms",
  next: (after) => (Math.floor(after / stepMillis) + 1) * stepMillis
}

/** Four jobs that miss nothing. */
export const busy: Timetable.Timetable = Timetable.make(
  "busy",
  ["a", "b", "c", "d"].map((name) =>
    Timetable.job({
      name,
      calendar: step,
      catchUp: { all: 10_000 },
      signal: Ticked,
      make: (due) => new Ticked({ job: name, due: due.getTime() })
    })
  )
)

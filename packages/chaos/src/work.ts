/** What the system under chaos does: counts up each key by events, and ticks every second. */
import { Message } from "@kanau/core"
import { Consumer, Inbox, type RetryLadder, Timetable } from "@kanau/messaging"
import { Database } from "@kanau/postgres"
import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"

export class Counted extends Message.event<Counted>()("chaos.counted", {
  fields: { key: Schema.String, n: Schema.Int },
  subject: ({ key }) => key
}) {}

export class Tick extends Message.signal<Tick>()("chaos.tick", {
  fields: { due: Schema.Int },
  subject: () => "tick"
}) {}

export const queue = "chaos"

/** Waits short enough for a round; more attempts than any outage uses up. */
export const ladder: RetryLadder.RetryLadder = { baseMillis: 50, factor: 4, capMillis: 800, attempts: 1000 }

/** Every effect leaves a row, so that a second one for the same message is seen. */
export const tables = `create table if not exists effects (
  place bigint generated always as identity primary key, key text not null, n bigint not null
)`

const record = (key: string, n: number) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => Database.faults(Effect.asVoid(sql`insert into effects (key, n) values (${key}, ${n})`))
  )

export const consumer = Consumer.inOrder(Consumer.make({
  queue,
  ladder,
  handlers: [
    Consumer.on(Counted, Inbox.deduplicate(queue)(({ key, n }: Counted) => record(key, n))),
    Consumer.on(Tick, Inbox.deduplicate(queue)(({ due }: Tick) => record("tick", due)))
  ]
}))

export const timetable = Timetable.make("chaos", [
  Timetable.job({
    name: "tick",
    calendar: Timetable.every("1 second"),
    catchUp: { all: 10_000 },
    signal: Tick,
    make: (due) => new Tick({ due: due.getTime() })
  })
])

/**
 * Publishes what the outbox holds: takes pending events in order, publishes them with many confirms in flight, and
 * removes each pointer only after its confirm. At least once; in order per subject: a subject whose event could not
 * be published waits, the others go on.
 *
 * Runs under a lease, so of many processes one relays. Woken by `NOTIFY`; polls once a second as a safety net.
 */
import * as PgClient from "@effect/sql-pg/PgClient"
import type { Envelope } from "@kanau/core"
import { Fault } from "@kanau/core"
import { Bus } from "@kanau/messaging"
import { Effect, Metric, Queue, Schedule } from "effect"
import type { SqlError } from "effect/sql"
import { SqlClient } from "effect/sql"
import * as Lease from "./Lease.ts"
import * as Outbox from "./Outbox.ts"

/** Most events taken in one page. */
const pageSize = 500
/** Most publishes waiting for their confirm. */
const window = 256
/** A refused event is tried again after 0.5 s, 1 s, 2 s … up to this. */
const longestDelaySeconds = 60

/** Relays until interrupted. Trouble with the database or the broker is logged and retried; it never ends the relay. */
export const run: Effect.Effect<never, never, Bus.Bus | PgClient.PgClient> = Effect.gen(function*() {
  const sql = yield* PgClient.PgClient
  const bus = yield* Bus.Bus
  const life = Effect.provideService(Lease.hold("relay", (held) => relay(sql, bus, held)), SqlClient.SqlClient, sql)
  return yield* life.pipe(
    Effect.tapCause((cause) =>
      Fault.kindOf(cause) === "interrupted"
        ? Effect.void
        : Effect.logWarning("the relay stopped and starts again", cause)
    ),
    Effect.sandbox,
    Effect.retry(
      Schedule.min([Schedule.exponential("200 millis"), Schedule.spaced("5 seconds")]).pipe(Schedule.jittered)
    ),
    Effect.orDie
  )
})

const relay = (
  sql: PgClient.PgClient,
  bus: Bus.BusService,
  held: Lease.Held
): Effect.Effect<never, SqlError.SqlError> =>
  Effect.scoped(Effect.gen(function*() {
    const notifications = yield* sql.listen(Outbox.channel)
    const wake = Effect.timeoutOption(
      Effect.andThen(Queue.take(notifications), Queue.clear(notifications)),
      "1 second"
    )
    return yield* Effect.forever(
      Effect.flatMap(drain(sql, bus, held), (confirmed) => confirmed > 0 ? Effect.void : wake)
    )
  }))

interface PendingEvent {
  readonly position: bigint
  readonly id: string
  readonly type: string
  readonly source: string
  readonly subject: string
  readonly version: string
  readonly content_type: string
  readonly time: Date
  readonly correlation_id: string
  readonly causation_id: string | null
  readonly traceparent: string | null
  readonly data: Uint8Array
}

/** Takes one page; says how many events left the pending list. */
const drain = (sql: PgClient.PgClient, bus: Bus.BusService, held: Lease.Held) =>
  Effect.gen(function*() {
    const events = yield* sql<PendingEvent>`
      select e.position, e.id, e.type, e.source, e.subject, e.version, e.content_type, e.time, e.correlation_id,
        e.causation_id, e.traceparent, e.data
      from kanau.pending p join kanau.events e using (position)
      where p.next_attempt_at <= now() and not exists (
        select 1 from kanau.pending earlier
        where earlier.subject = p.subject and earlier.position < p.position and earlier.next_attempt_at > now()
      )
      order by p.position limit ${pageSize}`
    const confirmed: Array<bigint> = []
    const inOrder = (ofSubject: ReadonlyArray<PendingEvent>) =>
      Effect.forEach(ofSubject, (event) =>
        Effect.tap(bus.publish(toEnvelope(event)), () =>
          Effect.sync(() => confirmed.push(event.position))).pipe(
            Effect.mapError((refusal) => ({ event, refusal }))
          ), { discard: true }).pipe(
          Effect.catch(({ event, refusal }) =>
            postpone(sql, event, refusal.message)
          )
        )
    yield* Effect.forEach(Map.groupBy(events, (event) => event.subject).values(), inOrder, {
      concurrency: window,
      discard: true
    })
    if (confirmed.length > 0) {
      yield* sql`delete from kanau.pending where position in ${sql.in(confirmed)} and ${held.fence}`
      yield* Metric.update(relayed, confirmed.length)
    }
    return confirmed.length
  })

/** Leaves the event pending with its reason; it and the later events of its subject wait. */
const postpone = (sql: PgClient.PgClient, event: PendingEvent, reason: string) =>
  Effect.andThen(
    sql`update kanau.pending set attempts = attempts + 1, last_error = ${reason.slice(0, 1024)},
      next_attempt_at = now() + make_interval(secs => least(0.25 * 2 ^ least(attempts + 1, 16), ${longestDelaySeconds}))
      where position = ${event.position}`,
    Effect.logWarning("an event could not be published and waits").pipe(
      Effect.annotateLogs({ type: event.type, position: String(event.position), reason })
    )
  )

const toEnvelope = (event: PendingEvent): Envelope.Envelope => ({
  id: event.id,
  source: event.source,
  type: event.type,
  subject: event.subject,
  time: event.time.toISOString(),
  dataschema: event.version,
  datacontenttype: event.content_type,
  correlationid: event.correlation_id,
  ...(event.causation_id === null ? {} : { causationid: event.causation_id }),
  ...(event.traceparent === null ? {} : { traceparent: event.traceparent }),
  position: String(event.position),
  data: event.data
})

const relayed = Metric.counter("kanau_relayed_total", {
  description: "Events published and confirmed by this relay",
  incremental: true
})

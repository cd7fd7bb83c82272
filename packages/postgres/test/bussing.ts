/** What the tests of the PostgreSQL bus share: a migrated database with a bus, messages, and bounded waiting. */
import { Id } from "@kanau/core"
import type { Envelope } from "@kanau/core"
import { Bus } from "@kanau/messaging"
import { Effect, Layer, Redacted } from "effect"
import type { Scope } from "effect"
import { SqlClient } from "effect/sql"
import { Database, Migrations, PgBus } from "../src/index.ts"

/** The bus and the client under it. */
export const busOn = (
  url: string,
  options: PgBus.Options & { readonly connections?: number; readonly applicationName?: string } = {}
) =>
  Layer.provideMerge(
    PgBus.layer(options),
    Layer.provideMerge(
      Layer.effectDiscard(Migrations.run(Migrations.kanau)),
      Database.layer({
        url: Redacted.make(url),
        applicationName: options.applicationName ?? "test",
        maxConnections: options.connections ?? 20
      })
    )
  )

/** Empties the bus and declares the queue `q`. */
export const prepared = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql`truncate kanau.bus_queues, kanau.bus_bindings, kanau.bus_messages, kanau.bus_owners,
    kanau.bus_dead_letters`
  const bus = yield* Bus.Bus
  yield* bus.declare({ name: "q", types: ["t.made"] })
})

export const message = (subject: string, type = "t.made"): Effect.Effect<Envelope.Envelope> =>
  Effect.map(Id.next, (id) => ({
    id,
    source: "/test",
    type,
    subject,
    time: "2026-01-01T00:00:00.000Z",
    dataschema: "1",
    datacontenttype: "application/json",
    correlationid: "test",
    data: new TextEncoder().encode("{}")
  }))

export const publish = (subject: string, type?: string) =>
  Effect.flatMap(Bus.Bus, (bus) => Effect.flatMap(message(subject, type), bus.publish))

export const publishAll = (subjects: ReadonlyArray<string>) =>
  Effect.forEach(subjects, (subject) => publish(subject), { concurrency: "unbounded", discard: true })

export const ack: Bus.Settlement = { _tag: "Ack" }

/** Consumes `q` and remembers what came. */
export const collect = (
  decide: (delivery: Bus.Delivery) => Effect.Effect<Bus.Settlement> = () => Effect.succeed(ack),
  prefetch = 32
): Effect.Effect<Array<Bus.Delivery>, unknown, Bus.Bus | Scope.Scope> =>
  Effect.gen(function*() {
    const bus = yield* Bus.Bus
    const seen: Array<Bus.Delivery> = []
    yield* bus.consume("q", { prefetch }, (delivery) =>
      Effect.suspend(() => {
        seen.push(delivery)
        return decide(delivery)
      }))
    return seen
  })

export const subjects = (seen: ReadonlyArray<Bus.Delivery>) => seen.map(({ envelope }) => envelope.subject)

export const until = <R>(what: string, isSo: Effect.Effect<boolean, unknown, R>) =>
  Effect.timeoutOrElse(
    Effect.repeat(Effect.delay(isSo, "5 millis"), { until: (so) => so }),
    { duration: "25 seconds", orElse: () => Effect.die(new Error(`Not within 25 seconds: ${what}`)) }
  )

export const eventually = (what: string, isSo: () => boolean) => until(what, Effect.sync(isSo))

/** Waits until nothing is in `q` any more. */
export const emptied = until(
  "the queue is empty",
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const [row] = yield* sql<{ n: number }>`select count(*)::integer as n from kanau.bus_messages`
    return row?.n === 0
  })
)

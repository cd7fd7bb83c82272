/** What the tests of the relay share: events of two fields, a bus the test decides about, and bounded waiting. */
import { type Envelope, Fault, Message } from "@kanau/core"
import { Bus } from "@kanau/messaging"
import { Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { Database, Outbox } from "../src/index.ts"

export class Moved extends Message.event<Moved>()("test.moved", {
  fields: { piece: Schema.String, turn: Schema.Int },
  subject: ({ piece }) => piece
}) {}

type Refusal = Effect.Error<ReturnType<Bus.BusService["publish"]>>

/** A bus whose publishing the test decides, and that remembers what was confirmed and how often it was asked. */
export const recording = () => {
  let inFlight = 0
  const bus = {
    confirmed: [] as Array<Envelope.Envelope>,
    asked: 0,
    mostInFlight: 0,
    /** What publishing fails with, if at all. */
    refuse: (_: Envelope.Envelope): Refusal | undefined => undefined,
    layer: Layer.mock(Bus.Bus, {
      publish: (envelope) =>
        // The confirm comes later, as from a broker.
        Effect.andThen(
          Effect.andThen(
            Effect.sync(() => {
              bus.mostInFlight = Math.max(bus.mostInFlight, ++inFlight)
            }),
            Effect.yieldNow
          ),
          Effect.suspend((): Effect.Effect<void, Refusal> => {
            inFlight--
            bus.asked++
            const refusal = bus.refuse(envelope)
            if (refusal !== undefined) return Effect.fail(refusal)
            bus.confirmed.push(envelope)
            return Effect.void
          })
        )
    })
  }
  return bus
}

export const unroutable = new Bus.Unroutable({ type: "test.moved" })
export const unavailable = new Fault.Unavailable({ dependency: "bus", reason: "it is switched off" })

export const append = (moves: ReadonlyArray<readonly [piece: string, turn: number]>) =>
  Effect.flatMap(
    Outbox.Outbox,
    (outbox) => Database.transaction(outbox.appendAll(moves.map(([piece, turn]) => new Moved({ piece, turn }))))
  )

/** Empties the outbox; no relay is running. */
export const reset = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql`truncate kanau.pending, kanau.parked, kanau.events, kanau.leases, kanau.members restart identity`
)

/** Waits, bounded, until a condition on the database holds. */
export const eventually = (condition: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe<{ ok: boolean }>(`select (${condition}) as ok`)).pipe(
    Effect.delay("10 millis"),
    Effect.repeat({ until: ([row]) => row?.ok ?? false }),
    Effect.timeout("25 seconds")
  )

const count = (table: string, where: string, n: number) =>
  eventually(`(select count(*) from kanau.${table} where ${where}) = ${n}`)

export const pendingReaches = (n: number) => count("pending", "true", n)

export const parkedReaches = (n: number, state?: string) =>
  count("parked", state === undefined ? "true" : `state = '${state}'`, n)

export const turnsOf = (confirmed: ReadonlyArray<Envelope.Envelope>, piece: string): ReadonlyArray<number> =>
  confirmed.filter(({ subject }) => subject === piece).map(({ data }) =>
    (JSON.parse(new TextDecoder().decode(data)) as { turn: number }).turn
  )

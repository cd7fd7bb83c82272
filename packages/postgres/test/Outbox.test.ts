import { assert, describe, layer } from "@effect/vitest"
import { Correlation, Fault, Message } from "@kanau/core"
import { Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { Database, Outbox } from "../src/index.ts"
import { databases } from "./databases.ts"

class Painted extends Message.event<Painted>()("test.painted", {
  fields: { wall: Schema.String, colour: Schema.String },
  subject: ({ wall }) => wall
}) {}

const state = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const walls = yield* sql<{ name: string }>`select name from walls order by name`
  const events = yield* sql<{ subject: string }>`select subject from kanau.events order by position`
  const pending = yield* sql<{ subject: string }>`select subject from kanau.pending order by position`
  return {
    walls: walls.map(({ name }) => name),
    events: events.map(({ subject }) => subject),
    pending: pending.map(({ subject }) => subject)
  }
})

const paint = (wall: string) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const outbox = yield* Outbox.Outbox
    yield* sql`insert into walls (name) values (${wall})`
    return yield* outbox.append(new Painted({ wall, colour: "red" }))
  })

const fresh = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql`drop table if exists walls`
  yield* sql`create table walls (name text primary key)`
  yield* sql`delete from kanau.pending`
  yield* sql`delete from kanau.events`
})

for (const database of databases) {
  describe(`Outbox on ${database.name}`, () => {
    layer(Outbox.layer({ source: "/test" }).pipe(Layer.provideMerge(database.layer)), {
      timeout: "60 seconds",
      excludeTestServices: true
    })((it) => {
      it.effect("NB-11 a committed transaction leaves the row, its event and its pointer", () =>
        Effect.gen(function*() {
          yield* fresh
          const position = yield* Database.transaction(paint("north"))
          assert.match(position, /^[1-9]\d*$/)
          assert.deepStrictEqual(yield* state, { walls: ["north"], events: ["north"], pending: ["north"] })
        }))

      it.effect("NB-11 a transaction that fails, dies or is interrupted leaves neither row nor event", () =>
        Effect.gen(function*() {
          yield* fresh
          for (const end of [Effect.fail("no"), Effect.die("no"), Effect.interrupt]) {
            yield* Effect.exit(Database.transaction(Effect.andThen(paint("north"), end)))
          }
          assert.deepStrictEqual(yield* state, { walls: [], events: [], pending: [] })
        }))

      it.effect("NB-11 an event that cannot be appended takes its row back with it", () =>
        Effect.gen(function*() {
          yield* fresh
          const sql = yield* SqlClient.SqlClient
          const outbox = yield* Outbox.Outbox
          const bad = Object.assign(Object.create(Painted.prototype) as Painted, { wall: "north" })
          const fault = yield* Effect.flip(
            Database.transaction(Effect.andThen(sql`insert into walls (name) values ('north')`, outbox.append(bad)))
          )
          assert.isTrue(Fault.isFault(fault) && fault.kind === "invariant")
          assert.deepStrictEqual(yield* state, { walls: [], events: [], pending: [] })
        }))

      it.effect("NB-11 a duplicate idempotency key makes one event and returns its position", () =>
        Effect.gen(function*() {
          yield* fresh
          const outbox = yield* Outbox.Outbox
          const append = Database.transaction(
            outbox.append(new Painted({ wall: "north", colour: "red" }), { idempotencyKey: "once" })
          )
          const positions = [yield* append, yield* append]
          assert.strictEqual(positions[0], positions[1])
          assert.deepStrictEqual((yield* state).events, ["north"])
        }))

      it.effect("NB-11 an event outside a transaction is refused", () =>
        Effect.gen(function*() {
          yield* fresh
          const outbox = yield* Outbox.Outbox
          const fault = yield* Effect.flip(outbox.append(new Painted({ wall: "north", colour: "red" })))
          assert.strictEqual(fault.kind, "invariant")
          assert.deepStrictEqual((yield* state).events, [])
        }))

      it.effect("NB-11 appendAll keeps the order of the events, however many", () =>
        Effect.gen(function*() {
          yield* fresh
          const outbox = yield* Outbox.Outbox
          const walls = Array.from({ length: 7000 }, (_, at) => `wall ${at}`)
          const positions = yield* Database.transaction(
            outbox.appendAll(walls.map((wall) => new Painted({ wall, colour: "red" })))
          )
          assert.deepStrictEqual((yield* state).events, walls)
          assert.deepStrictEqual([...positions].sort((a, b) => Number(a) - Number(b)), positions)
          assert.deepStrictEqual(yield* Database.transaction(outbox.appendAll([])), [])
        }))

      it.effect("NB-20 the event carries the correlation of the work that appended it", () =>
        Effect.gen(function*() {
          yield* fresh
          const sql = yield* SqlClient.SqlClient
          const correlation = { correlationId: "c-7", causationId: "m-1", traceparent: "00-a-b-01" }
          yield* Effect.provideService(Database.transaction(paint("north")), Correlation.Correlation, correlation)
          const rows = yield* sql`select correlation_id, causation_id, traceparent, source from kanau.events`
          assert.deepStrictEqual(rows, [
            { correlation_id: "c-7", causation_id: "m-1", traceparent: "00-a-b-01", source: "/test" }
          ])
        }))
    })
  })
}

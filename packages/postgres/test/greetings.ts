import { Envelope, Message } from "@kanau/core"
import { Bus, Consumer } from "@kanau/messaging"
import { Database, Migrations, PgBus } from "@kanau/postgres"
import { Deferred, Effect, Layer, type Redacted, Schema } from "effect"
import { SqlClient } from "effect/sql"

class Greeted extends Message.event<Greeted>()("greetings.greeted", {
  fields: { name: Schema.String },
  subject: ({ name }) => name
}) {}

/** Says hello over the bus, with `Redacted.make("postgres://127.0.0.1:5432/greetings")` for instance. */
export const greet = (url: Redacted.Redacted): Effect.Effect<string, unknown> =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const bus = yield* Bus.Bus
    const heard = yield* Deferred.make<string>()
    const onGreeted = Consumer.on(Greeted, ({ name }) => Effect.asVoid(Deferred.succeed(heard, `Hello, ${name}`)))
    yield* Consumer.run(Consumer.make({ queue: "greetings", handlers: [onGreeted] }))
    // The row and the message are there together, or neither is.
    yield* Database.transaction(Effect.gen(function*() {
      yield* sql`create table if not exists guests (name text)`
      yield* sql`insert into guests (name) values ('Aki')`
      yield* bus.publish(yield* Envelope.make(new Greeted({ name: "Aki" }), { source: "/greetings" }))
    }))
    return yield* Deferred.await(heard)
  }).pipe(
    Effect.scoped,
    Effect.provide(
      PgBus.layer().pipe(
        Layer.provideMerge(Layer.effectDiscard(Migrations.run(Migrations.kanau))),
        Layer.provideMerge(Database.layer({ url, applicationName: "greetings" }))
      )
    )
  )

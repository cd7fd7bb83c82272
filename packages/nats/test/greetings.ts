import { Envelope, Message } from "@kanau/core"
import { Bus, Consumer } from "@kanau/messaging"
import { NatsBus } from "@kanau/nats"
import { Deferred, Effect, Schema } from "effect"

class Greeted extends Message.event<Greeted>()("greetings.greeted", {
  fields: { name: Schema.String },
  subject: ({ name }) => name
}) {}

/** Says hello over the bus, with `{ url: Redacted.make("nats://127.0.0.1:4222") }` for instance. */
export const greet = (options: NatsBus.Options): Effect.Effect<string, unknown> =>
  Effect.gen(function*() {
    const bus = yield* Bus.Bus
    const heard = yield* Deferred.make<string>()
    const onGreeted = Consumer.on(Greeted, ({ name }) => Effect.asVoid(Deferred.succeed(heard, `Hello, ${name}`)))
    yield* Consumer.run(Consumer.make({ queue: "greetings", handlers: [onGreeted] }))
    yield* bus.publish(yield* Envelope.make(new Greeted({ name: "Aki" }), { source: "/greetings" }))
    return yield* Deferred.await(heard)
  }).pipe(Effect.scoped, Effect.provide(NatsBus.layer(options)))

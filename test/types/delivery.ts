/** Work that a queue, which delivers at least once, must not be given as it is. */
import { Fault, Layers, Message, OnceOnly } from "@kanau/core"
import { Consumer, Inbox } from "@kanau/messaging"
import { Effect, pipe, Schema } from "effect"

class Ordered extends Message.event<Ordered>()("shop.ordered", {
  fields: { id: Schema.String, cents: Schema.Number },
  subject: ({ id }) => id
}) {}
class CardDeclined extends Fault.define<CardDeclined>()("CardDeclined", "permission-denied", {}, () => "Declined.") {}
class GatewayError extends Schema.TaggedError<GatewayError>()("GatewayError", {}) {}

const charge = pipe((_: Ordered) => Effect.void, OnceOnly.required)
const decline = (_: Ordered) => Effect.fail(new CardDeclined())
const breakDown = (_: Ordered) => Effect.fail(new GatewayError())

// error: Type 'Processor<Ordered, void, never, OnceOnly>' is not assignable to type '"This work must not run twice: see OnceOnly"'.
Consumer.on(Ordered, charge)
Consumer.on(Ordered, pipe(charge, Inbox.deduplicate("billing")))
Consumer.on(Ordered, pipe(charge, OnceOnly.duplicatesAccepted("only counted")))

// error: is not assignable to type '"CardDeclined has no disposition: name it in errors or dispositions"'.
Consumer.on(Ordered, decline)
Consumer.on(Ordered, decline, { errors: [CardDeclined] })
Consumer.on(Ordered, decline, { dispositions: { CardDeclined: "dead-letter" } })

// error: is not assignable to type '"GatewayError has no disposition: name it in errors or dispositions"'.
Consumer.on(Ordered, breakDown, { errors: [CardDeclined] })
Consumer.on(Ordered, breakDown, { dispositions: { GatewayError: "retry" } })

// error: is not assignable to type '"An error without a _tag has no disposition: name it in errors or dispositions"'.
Consumer.on(Ordered, () => Effect.fail("a text"))

// error: is not assignable to type '"This work must not run twice: see OnceOnly"'.
pipe(charge, Layers.retry({ times: 3 }))
// error: is not assignable to type '"This work must not run twice: see OnceOnly"'.
pipe(charge, Layers.hedge({ after: "1 second" }))

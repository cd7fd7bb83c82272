import { assert, describe, it } from "@effect/vitest"
import { Envelope, Message } from "@kanau/core"
import { messagePack } from "@kanau/core/codecs/MessagePack"
import { Bus, Consumer } from "@kanau/messaging"
import { Effect, Schema } from "effect"
import { eventually, memory, publish, quiet } from "./fixture.ts"

const type = "notes.note.counted"
const subject = () => "note"

class First extends Message.event<First>()(type, { fields: { text: Schema.String }, subject }) {}

class Second extends Message.event<Second>()(type, {
  version: 2,
  fields: { words: Schema.Int },
  subject,
  upcast: [Message.from(1, { text: Schema.String }, ({ text }) => ({ words: text.split(" ").length }))]
}) {}

class Third extends Message.event<Third>()(type, {
  version: 3,
  fields: { words: Schema.Int, language: Schema.optionalKey(Schema.String) },
  subject
}) {}

class Packed extends Message.event<Packed>()(type, {
  version: 2,
  format: messagePack,
  fields: { words: Schema.Int },
  subject
}) {}

describe("consumers and versions", () => {
  it.effect("NB-21 a consumer reads messages of its own, older and newer versions", () =>
    Effect.gen(function*() {
      const seen: Array<Second> = []
      const handler = Consumer.on(Second, (message) => Effect.sync(() => void seen.push(message)))
      yield* Consumer.run(Consumer.make({ queue: "q", handlers: [handler] }))
      yield* publish(new First({ text: "one two three" }))
      yield* publish(new Second({ words: 4 }))
      yield* publish(new Third({ words: 5, language: "en" }))
      yield* eventually("all are handled", () => seen.length === 3)
      assert.deepStrictEqual(seen, [new Second({ words: 3 }), new Second({ words: 4 }), new Second({ words: 5 })])
    }).pipe(Effect.scoped, Effect.provide(memory)))

  it.effect("KN-8 a message in another format than the consumer's is a dead letter that says so", () =>
    Effect.gen(function*() {
      const bus = yield* Bus.Bus
      const handler = Consumer.on(Second, () => Effect.void)
      yield* Consumer.run(Consumer.make({ queue: "q", handlers: [handler] }))
      yield* bus.publish(yield* Envelope.make(new Packed({ words: 1 }), { source: "/test" }))
      yield* quiet
      const letters = yield* bus.deadLetters("q", 1)
      assert.strictEqual(letters[0]?.failure.reason, "undecodable")
      assert.include(letters[0]?.failure.error, "datacontenttype to be application/json")
    }).pipe(Effect.scoped, Effect.provide(memory)))
})

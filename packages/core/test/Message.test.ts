import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Schema } from "effect"
import { TestClock } from "effect/testing"
import { Correlation, Envelope, Id, Message } from "../src/index.ts"

class Everything extends Message.event<Everything>()("test.everything", {
  version: 3,
  fields: {
    id: Schema.NonEmptyString,
    count: Schema.Int,
    big: Schema.BigInt,
    at: Schema.Date,
    maybe: Schema.optionalKey(Schema.NullOr(Schema.String)),
    list: Schema.Array(Schema.Struct({ flag: Schema.Boolean }))
  },
  subject: ({ id }) => id
}) {}

const decode = Message.decoder(Everything)
const same = Schema.toEquivalence(Everything)
const sample = {
  id: "a",
  count: 1,
  big: 2n ** 80n,
  at: new Date(0),
  maybe: null,
  list: [{ flag: true }]
}

describe("Message", () => {
  it.effect.prop("KN-8 decode is the inverse of encode", [Everything], ([message]) =>
    Effect.gen(function*() {
      // JSON has no invalid dates; the encoder refuses them (next test).
      if (Number.isNaN(message.at.getTime())) return
      const back = yield* Effect.flatMap(Message.encode(message), decode)
      assert.isTrue(same(back, message))
      assert.instanceOf(back, Everything)
    }))

  it.effect("KN-8 undecodable bytes are a DeserializeError value that names the path and not the content", () =>
    Effect.gen(function*() {
      const bytes = (text: string) => new TextEncoder().encode(text)
      const cases = [
        bytes("not json"),
        Uint8Array.of(0xff, 0xfe, 0x7b),
        bytes("null"),
        bytes("{}"),
        bytes(JSON.stringify({ id: "a", count: "secret-value", big: "1", at: "1970-01-01T00:00:00Z", list: [] }))
      ]
      for (const data of cases) {
        const error = yield* Effect.flip(decode(data))
        assert.instanceOf(error, Message.DeserializeError)
        assert.strictEqual(error.kind, "undecodable")
        assert.notInclude(error.message, "secret-value")
      }
      assert.include((yield* Effect.flip(decode(cases[4] as Uint8Array))).message, "count")
    }))

  it.effect("KN-8 readers ignore members they do not know", () =>
    Effect.gen(function*() {
      const json = JSON.parse(new TextDecoder().decode(yield* Message.encode(new Everything(sample)))) as object
      const grown = new TextEncoder().encode(JSON.stringify({ ...json, later: true }))
      assert.deepStrictEqual(yield* decode(grown), new Everything(sample))
    }))
})

describe("Envelope", () => {
  it.effect("NB-20 an envelope carries the correlation of the work that made it, and survives the wire", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(1_700_000_000_000)
      const ids = yield* Id.generator
      const correlation = Correlation.accept(ids, { correlationId: "c-1", causationId: "cause" })
      const envelope = yield* Effect.provideService(
        Envelope.make(new Everything(sample), { source: "/test" }),
        Correlation.Correlation,
        correlation
      )
      assert.strictEqual(envelope.type, "test.everything")
      assert.strictEqual(envelope.subject, "a")
      assert.strictEqual(envelope.dataschema, "3")
      assert.strictEqual(envelope.time, "2023-11-14T22:13:20.000Z")
      assert.strictEqual(envelope.correlationid, "c-1")
      assert.strictEqual(envelope.causationid, "cause")
      assert.strictEqual(envelope.traceparent, correlation.traceparent)
      const back = Envelope.fromAttributes(Envelope.toAttributes(envelope), envelope.data)
      assert.deepStrictEqual(Result.getOrThrow(back), envelope)
    }))

  it("KN-8 attributes that are no envelope are a DeserializeError", () => {
    for (const wire of [{}, { id: "" }, { id: "x".repeat(256) }, { id: 7 }]) {
      const result = Envelope.fromAttributes(wire, new Uint8Array())
      assert.isTrue(Result.isFailure(result) && result.failure.kind === "undecodable")
    }
  })
})

describe("Correlation", () => {
  it.effect("NB-20 an inbound id is kept only if it matches the rule; anything else is replaced", () =>
    Effect.gen(function*() {
      const ids = yield* Id.generator
      for (const good of ["a", "A.b_c-9", "x".repeat(128)]) assert.strictEqual(Correlation.acceptId(ids, good), good)
      for (const bad of [undefined, "", "x".repeat(129), "a b", "a\nb", "é", "<script>"]) {
        assert.match(Correlation.acceptId(ids, bad), /^[0-9a-f-]{36}$/)
      }
    }))

  it.effect("NB-20 a valid traceparent keeps its trace id and flags with a new parent; others start a new trace", () =>
    Effect.gen(function*() {
      const ids = yield* Id.generator
      const inbound = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
      const next = Correlation.accept(ids, { traceparent: inbound }).traceparent
      assert.match(next, /^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/)
      assert.notStrictEqual(next, inbound)
      for (const bad of [undefined, "", "00-zz", `00-${"0".repeat(32)}-b7ad6b7169203331-01`, `${inbound}x`]) {
        const trace = Correlation.accept(ids, { traceparent: bad }).traceparent
        assert.match(trace, /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/)
        assert.notInclude(trace, "0af7651916cd43dd8448eb211c80319c")
      }
    }))

  it.effect("NB-20 ids are new each time and sort by time", () =>
    Effect.gen(function*() {
      const first = yield* Id.next
      yield* TestClock.adjust("1 second")
      const second = yield* Id.next
      assert.match(first, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      assert.isTrue(first < second)
    }))
})

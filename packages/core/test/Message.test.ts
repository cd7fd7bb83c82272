import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Schema } from "effect"
import { TestClock } from "effect/testing"
import { messagePack } from "../src/codecs/MessagePack.ts"
import { Codec, Correlation, Envelope, Id, Message } from "../src/index.ts"

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

type Tree = ReadonlyArray<Tree>
const Tree: Schema.Codec<Tree> = Schema.Array(Schema.suspend(() => Tree))

class Nested extends Message.event<Nested>()("test.nested", { fields: { tree: Tree }, subject: () => "" }) {}

class Person extends Message.event<Person>()("test.person", {
  version: 6,
  fields: {
    first: Schema.String,
    last: Schema.String,
    nick: Schema.NullOr(Schema.String),
    born: Schema.NullOr(Schema.Date)
  },
  subject: ({ last }) => last,
  upcast: [
    Message.from(1, { name: Schema.String }, ({ name }) => {
      const [first = "", last = ""] = name.split(" ")
      return { first, last, nick: null }
    }),
    Message.from(
      3,
      { first: Schema.String, last: Schema.String, nick: Schema.optionalKey(Schema.NullOr(Schema.String)) },
      ({ first, last, nick = "none" }) => ({ first, last, nick, born: null })
    )
  ]
}) {}

/** Its upcasters make numbers that its fields refuse. */
class Careless extends Message.event<Careless>()("test.careless", {
  version: 3,
  fields: { size: Schema.Int },
  subject: () => "",
  upcast: [
    Message.from(1, { text: Schema.String }, () => ({ count: -1 })),
    Message.from(2, { count: Schema.Finite.check(Schema.isGreaterThan(0)) }, ({ count }) => ({ size: count }))
  ]
}) {}

const bytes = (text: string) => new TextEncoder().encode(text)
const wire = (data: Uint8Array, dataschema = "3"): Message.Encoded => ({
  data,
  dataschema,
  datacontenttype: "application/json"
})

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
      const back = yield* Effect.flatMap(Message.encode(message), decode)
      assert.isTrue(same(back, message))
      assert.instanceOf(back, Everything)
    }))

  it.effect("KN-8 undecodable bytes are a DeserializeError value that names the path and not the content", () =>
    Effect.gen(function*() {
      const cases = [
        bytes("not json"),
        Uint8Array.of(0xff, 0xfe, 0x7b),
        bytes("null"),
        bytes("{}"),
        bytes(JSON.stringify({ id: "a", count: "secret-value", big: "1", at: "1970-01-01T00:00:00Z", list: [] }))
      ]
      for (const data of cases) {
        const error = yield* Effect.flip(decode(wire(data)))
        assert.instanceOf(error, Message.DeserializeError)
        assert.strictEqual(error.kind, "undecodable")
        assert.notInclude(error.message, "secret-value")
      }
      assert.include((yield* Effect.flip(decode(wire(cases[4] as Uint8Array)))).message, "count")
    }))

  it.effect("KN-8 what does not fit its schema, and what is no message, is a SerializeError value", () =>
    Effect.gen(function*() {
      const invalid = yield* Effect.flip(Message.encode(Object.assign(new Everything(sample), { at: new Date(NaN) })))
      assert.instanceOf(invalid, Message.SerializeError)
      assert.include(invalid.message, "at: ")
      assert.instanceOf(yield* Effect.flip(Message.encode({})), Message.SerializeError)
    }))

  it.effect("KN-8 NB-21 readers ignore members they do not know, and so read newer versions", () =>
    Effect.gen(function*() {
      const { data } = yield* Message.encode(new Everything(sample))
      const json = JSON.parse(new TextDecoder().decode(data)) as object
      const grown = bytes(JSON.stringify({ ...json, later: true }))
      for (const version of ["3", "4", "17"]) {
        assert.deepStrictEqual(yield* decode(wire(grown, version)), new Everything(sample))
      }
    }))

  it.effect("KN-8 a payload in another format, or of no version, is refused and the error says so", () =>
    Effect.gen(function*() {
      const { data } = yield* Message.encode(new Everything(sample))
      const packed = yield* Effect.flip(decode({ ...wire(data), datacontenttype: "application/vnd.msgpack" }))
      assert.instanceOf(packed, Message.DeserializeError)
      assert.include(packed.message, "datacontenttype to be application/json")
      for (const version of ["", "0", "-1", "1.5", "v3", "https://schemas.test/everything/3", "9".repeat(40)]) {
        const error = yield* Effect.flip(decode(wire(data, version)))
        assert.include(error.message, "dataschema to be the version")
      }
      const parameters = { ...wire(data), datacontenttype: "Application/JSON; charset=utf-8" }
      assert.deepStrictEqual(yield* decode(parameters), new Everything(sample))
    }))

  it.effect("KN-8 nesting without end is an error value on both sides", () =>
    Effect.gen(function*() {
      const depth = 200_000
      const endless = `${"[".repeat(depth)}${"]".repeat(depth)}`
      const error = yield* Effect.flip(Message.decoder(Nested)(wire(bytes(`{"tree":${endless}}`), "1")))
      assert.instanceOf(error, Message.DeserializeError)
      let tree: Tree = []
      for (let level = 0; level < depth; level++) tree = [tree]
      const refused = yield* Effect.flip(Message.encode(Object.assign(new Nested({ tree: [] }), { tree })))
      assert.instanceOf(refused, Message.SerializeError)
    }))
})

describe("Message versions", () => {
  const person = (version: string, value: unknown, datacontenttype = "application/json") =>
    Message.decoder(Person)({ ...wire(bytes(JSON.stringify(value)), version), datacontenttype })

  it.effect("NB-21 each older version is read with its own fields and brought up step by step", () =>
    Effect.gen(function*() {
      const expected = (nick: string | null, born: Date | null) =>
        new Person({ first: "Ada", last: "Lovelace", nick, born })
      assert.deepStrictEqual(yield* person("1", { name: "Ada Lovelace" }), expected(null, null))
      assert.deepStrictEqual(yield* person("2", { first: "Ada", last: "Lovelace" }), expected("none", null))
      assert.deepStrictEqual(yield* person("3", { first: "Ada", last: "Lovelace", nick: "A" }), expected("A", null))
      const current = { first: "Ada", last: "Lovelace", nick: "A", born: "1815-12-10T00:00:00.000Z" }
      for (const version of ["4", "5", "6", "7"]) {
        assert.deepStrictEqual(yield* person(version, current), expected("A", new Date("1815-12-10")))
      }
    }))

  it.effect("NB-21 an old payload that breaks its own version is an error with its path", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(person("1", { first: "Ada" }))
      assert.instanceOf(error, Message.DeserializeError)
      assert.include(error.message, "name: ")
    }))

  it.effect("NB-21 what an upcaster makes is checked at every step", () =>
    Effect.gen(function*() {
      for (const version of ["1", "2"]) {
        const error = yield* Effect.flip(
          Message.decoder(Careless)(wire(bytes(JSON.stringify({ text: "x", count: 1.5 })), version))
        )
        assert.instanceOf(error, Message.DeserializeError)
        assert.include(error.message, version === "1" ? "count: " : "size: ")
      }
    }))

  it.effect("NB-21 an upcaster may name the format that its messages were written in", () =>
    Effect.gen(function*() {
      class Packed extends Message.event<Packed>()("test.packed", {
        version: 2,
        format: messagePack,
        fields: { id: Schema.String },
        subject: ({ id }) => id,
        upcast: [Message.from(1, { id: Schema.String }, (old) => old, { format: Codec.json })]
      }) {}
      const decodePacked = Message.decoder(Packed)
      assert.deepStrictEqual(yield* decodePacked(wire(bytes(`{"id":"a"}`), "1")), new Packed({ id: "a" }))
      const encoded = yield* Message.encode(new Packed({ id: "a" }))
      assert.strictEqual(encoded.datacontenttype, "application/vnd.msgpack")
      assert.deepStrictEqual(yield* decodePacked(encoded), new Packed({ id: "a" }))
      yield* Effect.flip(decodePacked({ ...encoded, dataschema: "1" }))
    }))

  it("NB-21 upcasters out of order, or of the current version, are refused when the class is declared", () => {
    const declare = (...versions: ReadonlyArray<number>) =>
      Message.event()("test.disorder", {
        version: 3,
        fields: { id: Schema.String },
        subject: ({ id }) => id,
        // The type of a list of unknown length says nothing about its steps.
        upcast: versions.map((version) =>
          Message.from(version, { id: Schema.String }, (old) => old)
        ) as unknown as readonly []
      })
    declare(1, 2)
    for (const wrong of [[2, 1], [1, 1], [3], [1, 4]]) assert.throws(() => declare(...wrong), /in order/)
  })

  it("NB-21 the compiler checks that each step makes what the next one takes", () => {
    Message.event()("test.typed", {
      version: 3,
      fields: { count: Schema.Int },
      subject: () => "",
      upcast: [
        Message.from(1, { text: Schema.String }, ({ text }) => ({ list: [text] })),
        Message.from(2, { list: Schema.Array(Schema.String) }, ({ list }) => ({ count: list.length }))
      ]
    })
    Message.event()("test.typed", {
      version: 3,
      fields: { count: Schema.Int },
      subject: () => "",
      upcast: [
        // @ts-expect-error the next step takes a list
        Message.from(1, { text: Schema.String }, ({ text }) => ({ list: text })),
        Message.from(2, { list: Schema.Array(Schema.String) }, ({ list }) => ({ count: list.length }))
      ]
    })
    Message.event()("test.typed", {
      version: 2,
      fields: { count: Schema.Int },
      subject: () => "",
      // @ts-expect-error the message has a count
      upcast: [Message.from(1, { text: Schema.String }, (old) => old)]
    })
  })
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
      assert.strictEqual(envelope.datacontenttype, "application/json")
      assert.strictEqual(envelope.time, "2023-11-14T22:13:20.000Z")
      assert.strictEqual(envelope.correlationid, "c-1")
      assert.strictEqual(envelope.causationid, "cause")
      assert.strictEqual(envelope.traceparent, correlation.traceparent)
      const back = Envelope.fromAttributes(Envelope.toAttributes(envelope), envelope.data)
      assert.deepStrictEqual(Result.getOrThrow(back), envelope)
    }))

  it("KN-8 attributes that are no envelope are a DeserializeError", () => {
    for (const attributes of [{}, { id: "" }, { id: "x".repeat(256) }, { id: 7 }]) {
      const result = Envelope.fromAttributes(attributes, new Uint8Array())
      assert.isTrue(Result.isFailure(result) && result.failure.kind === "undecodable")
    }
  })

  it("KN-8 an envelope carries any media type, and nothing that is none", () => {
    const attributes = {
      id: "1",
      source: "/test",
      type: "test.everything",
      subject: "a",
      time: "2026-01-01T00:00:00.000Z",
      dataschema: "1",
      correlationid: "c"
    }
    const read = (datacontenttype: string) =>
      Result.isSuccess(Envelope.fromAttributes({ ...attributes, datacontenttype }, new Uint8Array()))
    const types = ["application/json", "application/vnd.msgpack", "text/plain; charset=utf-8", "application/x-own+json"]
    for (const type of types) assert.isTrue(read(type), type)
    for (const wrong of ["", "json", "application/", "a/b/c", "a b/c", "a/b\n"]) assert.isFalse(read(wrong), wrong)
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

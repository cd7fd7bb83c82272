import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Option, Schema } from "effect"
import { messagePack } from "../src/codecs/MessagePack.ts"
import { schemaBinary } from "../src/codecs/SchemaBinary.ts"
import { Codec } from "../src/index.ts"

type Tree = { readonly name: string; readonly below: ReadonlyArray<Tree> }
const Tree: Schema.Codec<Tree> = Schema.Struct({
  name: Schema.String,
  below: Schema.Array(Schema.suspend(() => Tree))
})

/** One of everything that contracts are made of. */
const Everything = Schema.Struct({
  text: Schema.String,
  number: Schema.Finite,
  whole: Schema.Int,
  any: Schema.Number,
  flag: Schema.Boolean,
  nothing: Schema.Null,
  big: Schema.BigInt,
  at: Schema.Date,
  bytes: Schema.Uint8Array,
  kind: Schema.Literals(["a", "b"]),
  maybe: Schema.Option(Schema.Date),
  absent: Schema.optionalKey(Schema.String),
  loose: Schema.optional(Schema.String),
  nullable: Schema.NullOr(Schema.String),
  list: Schema.Array(Schema.Struct({ flag: Schema.Boolean, label: Schema.String })),
  pair: Schema.Tuple([Schema.String, Schema.Int]),
  scalar: Schema.Union([Schema.String, Schema.Finite, Schema.Boolean]),
  shape: Schema.Union([
    Schema.TaggedStruct("Circle", { radius: Schema.Finite }),
    Schema.TaggedStruct("Square", { side: Schema.Finite, label: Schema.optionalKey(Schema.String) })
  ]),
  byName: Schema.Record(Schema.String, Schema.Int),
  map: Schema.ReadonlyMap(Schema.String, Schema.Date),
  set: Schema.ReadonlySet(Schema.String)
})

const sample: typeof Everything.Type = {
  text: "",
  number: 1.5,
  whole: -7,
  any: -Infinity,
  flag: true,
  nothing: null,
  big: -(2n ** 200n),
  at: new Date(8.64e15),
  bytes: Uint8Array.of(0, 255),
  kind: "b",
  maybe: Option.some(new Date(0)),
  loose: undefined,
  nullable: null,
  list: [{ flag: false, label: "𝄞 é \u0000 \ufffd" }],
  pair: ["x", Number.MAX_SAFE_INTEGER],
  scalar: 0.1,
  shape: { _tag: "Square", side: 1 },
  byName: { "": 1, constructor: 2, toString: 3 },
  map: new Map([["a", new Date(1)]]),
  set: new Set(["", "b"])
}

const formats: Record<string, Codec.Format> = { json: Codec.json, messagePack, schemaBinary }

describe.each(Object.entries(formats))("Codec %s", (_, format) => {
  const codec = format.codec(Everything)
  const same = Schema.toEquivalence(Everything)
  const valid = Effect.runSync(codec.encode(sample))

  it.effect.prop("KN-8 decode is the inverse of encode", [Everything], ([value]) =>
    Effect.gen(function*() {
      const exit = yield* Effect.exit(codec.encode(value))
      // A format may refuse what it cannot carry, but never alter it.
      if (Exit.isFailure(exit)) return assert.isFalse(carriable(value))
      assert.isTrue(same(yield* codec.decode(exit.value), value))
    }), { arbitrary: { runs: 200 } })

  it.effect("KN-8 empty, big and odd values come back as they went", () =>
    Effect.gen(function*() {
      const values: ReadonlyArray<typeof Everything.Type> = [
        sample,
        { ...sample, any: NaN },
        { ...sample, text: "ü".repeat(70_000), bytes: new Uint8Array(70_000).fill(7) },
        {
          ...sample,
          list: Array.from({ length: 70_000 }, (_, index) => ({ flag: index % 2 === 0, label: `${index}` }))
        },
        { ...sample, byName: Object.fromEntries(Array.from({ length: 70_000 }, (_, index) => [`k${index}`, index])) },
        ...[0, 1, 127, 128, 255, 256, 65535, 65536, 2 ** 32, 2 ** 53 - 1].flatMap((whole) => [
          { ...sample, whole },
          { ...sample, whole: -whole }
        ])
      ]
      for (const value of values) {
        const back = yield* Effect.flatMap(codec.encode(value), codec.decode)
        assert.isTrue(same(back, value))
      }
      const trees = format.codec(Tree)
      let tree: Tree = { name: "leaf", below: [] }
      for (let depth = 0; depth < 200; depth++) tree = { name: "branch", below: [tree] }
      assert.deepStrictEqual(yield* Effect.flatMap(trees.encode(tree), trees.decode), tree)
      for (let depth = 0; depth < 100; depth++) {
        tree = { name: "branch", below: [tree] }
        const exit = yield* Effect.exit(trees.encode(tree))
        if (Exit.isSuccess(exit)) assert.deepStrictEqual(yield* trees.decode(exit.value), tree)
        else assert.include(String(exit.cause), "nesting")
      }
      for (let depth = 0; depth < 100_000; depth++) tree = { name: "branch", below: [tree] }
      assert.include((yield* Effect.flip(trees.encode(tree))).message, "nesting")
    }))

  it.effect("KN-8 what a format cannot carry it refuses instead of altering it", () =>
    Effect.gen(function*() {
      for (const text of ["\ud800", "a\udfff", "\ud800".repeat(100), "\ufffd\ud800"]) {
        for (const value of [{ ...sample, text }, { ...sample, byName: { [text]: 1 } }]) {
          const exit = yield* Effect.exit(codec.encode(value))
          if (Exit.isSuccess(exit)) assert.isTrue(same(yield* codec.decode(exit.value), value))
          else assert.include(String(exit.cause), "well-formed Unicode")
        }
      }
      const back = yield* Effect.flatMap(codec.encode({ ...sample, text: "\ufffd" }), codec.decode)
      assert.strictEqual(back.text, "\ufffd")
    }))

  it.effect.prop("KN-8 random bytes are an error value", [
    Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 })))
  ], ([bytes]) =>
    Effect.gen(function*() {
      assert.strictEqual((yield* Effect.flip(codec.decode(Uint8Array.from(bytes))))._tag, "SchemaError")
    }), { arbitrary: { runs: 1000 } })

  it.effect("KN-8 mutated and truncated bytes are a value or an error value, never a throw", () =>
    Effect.gen(function*() {
      let refused = 0
      for (let at = 0; at < valid.length; at++) {
        for (const byte of [0x00, 0x7f, 0x80, 0xc1, 0xdb, 0xdd, 0xdf, 0xff]) {
          const exit = yield* Effect.exit(codec.decode(valid.with(at, byte)))
          if (Exit.isSuccess(exit)) assert.isTrue(Schema.is(Everything)(exit.value))
          else {
            assert.isTrue(exit.cause.reasons.every((reason) => reason._tag === "Fail"), String(exit.cause))
            refused++
          }
        }
        yield* Effect.flip(codec.decode(valid.slice(0, at)))
      }
      yield* Effect.flip(codec.decode(Uint8Array.from([...valid, ...valid])))
      assert.isAbove(refused, valid.length)
    }))

  it.effect("KN-8 the error names the path of the fault and not the value", () =>
    Effect.gen(function*() {
      const Wider = Schema.Struct({ list: Schema.Array(Schema.Struct({ label: Schema.String })) })
      const narrow = format.codec(
        Schema.Struct({ list: Schema.Array(Schema.Struct({ label: Schema.String.check(Schema.isMaxLength(3)) })) })
      )
      const bytes = yield* format.codec(Wider).encode({ list: [{ label: "abc" }, { label: "secret" }] })
      const error = yield* Effect.flip(narrow.decode(bytes))
      assert.include(error.message, `at ["list"][1]["label"]`)
      assert.notInclude(error.message, "secret")
    }))

  it.effect("KN-8 NB-21 readers ignore members they do not know and miss those they may miss", () =>
    Effect.gen(function*() {
      const Old = Schema.Struct({ id: Schema.String, list: Schema.Array(Schema.Struct({ a: Schema.Int })) })
      const New = Schema.Struct({
        more: Schema.optionalKey(Schema.Struct({ deep: Schema.Array(Schema.String) })),
        id: Schema.String,
        list: Schema.Array(Schema.Struct({ b: Schema.optionalKey(Schema.String), a: Schema.Int }))
      })
      const [older, newer] = [format.codec(Old), format.codec(New)]
      const value = { more: { deep: ["x"] }, id: "i", list: [{ b: "y", a: 1 }, { a: 2 }] }
      const plain = { id: "i", list: [{ a: 1 }, { a: 2 }] }
      assert.deepStrictEqual(yield* Effect.flatMap(newer.encode(value), older.decode), plain)
      assert.deepStrictEqual(yield* Effect.flatMap(older.encode(plain), newer.decode), plain)
    }))

  it.effect("KN-8 the bytes of one message do not change when the next one is encoded", () =>
    Effect.gen(function*() {
      const first = yield* codec.encode(sample)
      const copy = first.slice()
      yield* codec.encode({ ...sample, text: "other", whole: 99 })
      assert.deepStrictEqual(first, copy)
      assert.isAtMost(first.buffer.byteLength, first.length * 2 + 4096)
    }))
})

describe("Codec messagePack", () => {
  const codec = messagePack.codec(Schema.Unknown as Schema.Codec<unknown>)
  const refuses = (bytes: ReadonlyArray<number>) => Effect.flip(codec.decode(Uint8Array.from(bytes)))

  it.effect("KN-8 lengths that promise more than there is are refused before memory is taken", () =>
    Effect.gen(function*() {
      const bombs = [
        [0xdd, 0xff, 0xff, 0xff, 0xff],
        [0xdd, 0x01, 0xff, 0xff, 0xff],
        [0xdf, 0xff, 0xff, 0xff, 0xff],
        [0xdb, 0xff, 0xff, 0xff, 0xff],
        [0xc6, 0xff, 0xff, 0xff, 0xff],
        [0xc9, 0xff, 0xff, 0xff, 0xff, 1],
        [0x92, 0xdc, 0xff, 0xff, 0xdc, 0xff, 0xff],
        // Each array holds as many items as there are bytes in all: together a thousand times more.
        Array.from({ length: 5000 }, (_, at) => [0xdd, 0, 0, 0x61, 0xa8][at % 5] as number)
      ]
      for (const bomb of bombs) {
        assert.include((yield* refuses(bomb)).message, "one complete MessagePack value")
      }
      const before = process.memoryUsage()
      for (let round = 0; round < 200; round++) for (const bomb of bombs) yield* refuses(bomb)
      const after = process.memoryUsage()
      assert.isBelow(after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers, 64 * 2 ** 20)
    }))

  it.effect("KN-8 extensions, binary, deep nesting, and names that are no text are refused", () =>
    Effect.gen(function*() {
      const proto = [..."__proto__"].map((each) => each.charCodeAt(0))
      for (
        const bytes of [
          [0xd6, 0xff, 0, 0, 0, 0],
          [0xc4, 0x01, 0x00],
          [0xc1],
          [...Array.from({ length: 600 }, () => 0x91), 0xc0],
          [0x81, 0x90, 0xc0],
          [0x81, 0xa9, ...proto, 0xc0],
          []
        ]
      ) {
        yield* refuses(bytes)
      }
      yield* Effect.flip(codec.encode(JSON.parse(`{"__proto__":1}`)))
    }))

  it.effect.prop(
    "KN-8 whatever the encoder writes passes the check of the frame",
    [Schema.Json],
    ([value]) =>
      Effect.gen(function*() {
        const exit = yield* Effect.exit(codec.encode(value))
        if (Exit.isSuccess(exit)) {
          assert.deepStrictEqual(yield* codec.decode(exit.value), JSON.parse(JSON.stringify(value)))
        }
      }),
    { arbitrary: { runs: 500 } }
  )
})

/** Whether every text in a value is well-formed and no member is called `__proto__`. */
const carriable = (value: unknown): boolean => {
  if (typeof value === "string") return value.isWellFormed()
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return true
  if (value instanceof Map || value instanceof Set) return [...value].every(carriable)
  return Object.entries(value).every(([key, member]) => key !== "__proto__" && carriable(key) && carriable(member))
}

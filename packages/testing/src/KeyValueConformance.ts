/**
 * The suite every adapter of the key-value port passes. Call it in a test file of the adapter:
 *
 * ```ts
 * KeyValueConformance.suite("memory", KeyValue.layerMemory())
 * ```
 *
 * The layer's store must be empty, or have a prefix of its own.
 */
import { KeyValue } from "@kanau/core"
import { Effect, type Layer, Option, Schedule } from "effect"
import { describe, expect, test } from "vitest"

/** Registers the cases with vitest. */
export const suite = (name: string, layer: Layer.Layer<KeyValue.KeyValue, unknown>): void => {
  const check = (
    title: string,
    body: (store: KeyValue.KeyValueService) => Effect.Effect<unknown, unknown>
  ): void => {
    test(title, () => Effect.runPromise(Effect.provide(KeyValue.KeyValue.use(body), layer)))
  }
  const minute = 60_000
  /** Polls, because stores keep their own time. */
  const gone = (store: KeyValue.KeyValueService, key: string) =>
    Effect.repeat(store.get(key), { until: Option.isNone, schedule: Schedule.spaced("10 millis") }).pipe(
      Effect.timeout("5 seconds")
    )

  describe(name, () => {
    check("reads what was written, and nothing else", (store) =>
      Effect.gen(function*() {
        expect(yield* store.get("read")).toEqual(Option.none())
        yield* store.set("read", "one", minute)
        yield* store.set("read", "two", minute)
        expect(yield* store.get("read")).toEqual(Option.some("two"))
        expect(yield* store.get("rea")).toEqual(Option.none())
      }))

    check(
      "keeps any text exactly",
      (store) =>
        Effect.forEach(
          ["", " ", "\u0000\n\r\n", "ünïcode 🙂 漢字", "{\"a\":[1,null]}", "x".repeat(100_000)],
          (value, at) =>
            Effect.gen(function*() {
              yield* store.set(`text-${at}`, value, minute)
              expect(yield* store.get(`text-${at}`)).toEqual(Option.some(value))
            })
        )
    )

    check("keeps keys apart, whatever characters they have", (store) =>
      Effect.gen(function*() {
        const keys = ["k:1", "k:1:", "k.1", "k/1", "K:1", "k*", "k?", "{k}", "__proto__", "ключ"]
        for (const key of keys) yield* store.set(key, key, minute)
        for (const key of keys) expect(yield* store.get(key)).toEqual(Option.some(key))
      }))

    check(
      "setIfAbsent writes only to a free key, and leaves value and expiry of a taken one",
      (store) =>
        Effect.gen(function*() {
          expect(yield* store.setIfAbsent("absent", "first", 300)).toBe(true)
          expect(yield* store.setIfAbsent("absent", "second", minute)).toBe(false)
          expect(yield* store.get("absent")).toEqual(Option.some("first"))
          yield* gone(store, "absent")
          expect(yield* store.setIfAbsent("absent", "third", minute)).toBe(true)
          expect(yield* store.get("absent")).toEqual(Option.some("third"))
        })
    )

    check("of many setIfAbsent at once, one wins", (store) =>
      Effect.gen(function*() {
        const wins = yield* Effect.forEach(
          Array.from({ length: 50 }, (_, at) => at),
          (at) => store.setIfAbsent("race", String(at), minute),
          { concurrency: "unbounded" }
        )
        expect(wins.filter(Boolean)).toHaveLength(1)
        expect(yield* store.get("race")).toEqual(Option.some(String(wins.indexOf(true))))
      }))

    check("of many takes at once, one gets the value, and the key is free", (store) =>
      Effect.gen(function*() {
        yield* store.set("take", "once", minute)
        const got = yield* Effect.forEach(Array.from({ length: 50 }), () => store.take("take"), {
          concurrency: "unbounded"
        })
        expect(got.filter(Option.isSome)).toEqual([Option.some("once")])
        expect(yield* store.get("take")).toEqual(Option.none())
        expect(yield* store.setIfAbsent("take", "again", minute)).toBe(true)
      }))

    check("an expired key behaves as if it had never been written", (store) =>
      Effect.gen(function*() {
        yield* store.set("expiry", "short", 30)
        yield* gone(store, "expiry")
        expect(yield* store.take("expiry")).toEqual(Option.none())
        expect(yield* store.setIfAbsent("expiry", "new", minute)).toBe(true)
      }))

    check("writing again renews the expiry", (store) =>
      Effect.gen(function*() {
        yield* store.set("renew", "short", 60)
        yield* store.set("renew", "long", minute)
        yield* store.set("marker", "", 60)
        yield* gone(store, "marker")
        expect(yield* store.get("renew")).toEqual(Option.some("long"))
      }))

    check(
      "replaceIf writes only over the value it expects, with a new expiry, and never to a free key",
      (store) =>
        Effect.gen(function*() {
          expect(yield* store.replaceIf("replace", "", "x", minute)).toBe(false)
          expect(yield* store.get("replace")).toEqual(Option.none())
          yield* store.set("replace", "one", 1000)
          expect(yield* store.replaceIf("replace", "on", "two", minute)).toBe(false)
          expect(yield* store.get("replace")).toEqual(Option.some("one"))
          expect(yield* store.replaceIf("replace", "one", "two \u0000 🙂", minute)).toBe(true)
          yield* store.set("replace-marker", "", 1000)
          yield* gone(store, "replace-marker")
          expect(yield* store.get("replace")).toEqual(Option.some("two \u0000 🙂"))
          expect(yield* store.replaceIf("replace", "two \u0000 🙂", "brief", 30)).toBe(true)
          yield* gone(store, "replace")
          expect(yield* store.replaceIf("replace", "brief", "late", minute)).toBe(false)
        })
    )

    check("of many replaceIf at once, one wins", (store) =>
      Effect.gen(function*() {
        yield* store.set("replace-race", "free", minute)
        const wins = yield* Effect.forEach(
          Array.from({ length: 50 }, (_, at) => at),
          (at) => store.replaceIf("replace-race", "free", String(at), minute),
          { concurrency: "unbounded" }
        )
        expect(wins.filter(Boolean)).toHaveLength(1)
        expect(yield* store.get("replace-race")).toEqual(Option.some(String(wins.indexOf(true))))
      }))

    check("removeIf frees a key only while it has the value it expects", (store) =>
      Effect.gen(function*() {
        expect(yield* store.removeIf("removeIf", "")).toBe(false)
        yield* store.set("removeIf", "mine", minute)
        expect(yield* store.removeIf("removeIf", "yours")).toBe(false)
        expect(yield* store.get("removeIf")).toEqual(Option.some("mine"))
        expect(yield* store.removeIf("removeIf", "mine")).toBe(true)
        expect(yield* store.removeIf("removeIf", "mine")).toBe(false)
        expect(yield* store.get("removeIf")).toEqual(Option.none())
      }))

    check("remove frees a key; removing what is not there is fine", (store) =>
      Effect.gen(function*() {
        yield* store.set("remove", "x", minute)
        yield* store.remove("remove")
        yield* store.remove("remove")
        expect(yield* store.get("remove")).toEqual(Option.none())
      }))
  })
}

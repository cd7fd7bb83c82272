import { assert, describe, it } from "@effect/vitest"
import { KeyValue } from "@kanau/core"
import { KeyValueConformance } from "@kanau/testing"
import { Effect, Option } from "effect"
import { TestClock } from "effect/testing"

KeyValueConformance.suite("KeyValue in memory", KeyValue.layerMemory())

describe("KeyValue in memory", () => {
  it.effect("expires by the virtual clock", () =>
    Effect.gen(function*() {
      const store = yield* KeyValue.KeyValue
      yield* store.set("k", "v", 1000)
      yield* TestClock.adjust("999 millis")
      assert.deepStrictEqual(yield* store.get("k"), Option.some("v"))
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(yield* store.get("k"), Option.none())
    }).pipe(Effect.provide(KeyValue.layerMemory())))

  it.effect("holds at most its capacity, dropping the oldest", () =>
    Effect.gen(function*() {
      const store = yield* KeyValue.KeyValue
      for (const key of ["a", "b", "c"]) yield* store.set(key, key, 1000)
      assert.deepStrictEqual(yield* store.get("a"), Option.none())
      assert.deepStrictEqual(yield* store.get("c"), Option.some("c"))
    }).pipe(Effect.provide(KeyValue.layerMemory({ capacity: 2 }))))
})

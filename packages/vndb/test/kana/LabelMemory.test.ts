import { assert, describe, it } from "@effect/vitest"
import { Fault } from "@kanau/core"
import { Deferred, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import type { Found } from "../../src/kana/LabelIndex.ts"
import * as LabelMemory from "../../src/kana/LabelMemory.ts"
import type { Label } from "../../src/kana/SearchText.ts"

const down = new Fault.Unavailable({ dependency: "store", reason: "down" })

/** Entries with one label each, two of them read at a time; what reads wait for, and whether they fail. */
const world = (options?: LabelMemory.Options) =>
  Effect.gen(function*() {
    const entries = new Map<number, string>()
    const self = {
      entries,
      hold: Effect.void as Effect.Effect<void>,
      isDown: false,
      /** How often all, and some, were read. */
      loads: 0,
      reads: 0
    }
    const found = (some: ReadonlyArray<readonly [number, string]>): Found =>
      new Map(some.map(([num, t]): [string, ReadonlyArray<Label>] => [`v${num}`, [{ t, p: 1 }]]))
    const answer = <A>(read: () => A) =>
      Effect.suspend(() => {
        if (self.isDown) return Effect.fail(down)
        const seen = read()
        return Effect.as(self.hold, seen)
      })
    const memory = yield* LabelMemory.make({
      some: (ids) =>
        answer(() => {
          self.reads++
          return found([...entries].filter(([num]) => ids.includes(`v${num}`)))
        }),
      from: (from) =>
        answer(() => {
          if (from === 0) self.loads++
          const rest = [...entries].filter(([num]) => num >= from).sort(([a], [b]) => a - b)
          return { found: found(rest.slice(0, 2)), next: rest.length > 2 ? (rest[1]?.[0] ?? 0) + 1 : undefined }
        })
    }, options)
    const search = (word: string) =>
      Effect.map(memory.current, (index) => index === undefined ? "ask the store" : [...index.search([word]).keys()])
    /** Lets what runs in the background end. */
    const settle = TestClock.adjust(0)
    const loaded = Effect.gen(function*() {
      memory.setOpen(true)
      yield* search("a")
      yield* settle
    })
    /** Makes reads wait, until what it gives is run. */
    const holding = Effect.gen(function*() {
      const gate = yield* Deferred.make<void>()
      self.hold = Deferred.await(gate)
      return Effect.suspend(() => {
        self.hold = Effect.void
        return Effect.andThen(Deferred.succeed(gate, undefined), settle)
      })
    })
    /** Begins to read all labels. */
    const loading = Effect.gen(function*() {
      memory.setOpen(true)
      const release = yield* holding
      yield* search("a")
      yield* settle
      return release
    })
    return { holding, loaded, loading, memory, search, self, settle }
  })

describe("LabelMemory", () => {
  it.effect("NV-2 all labels are read in the background at the first search; until then the store is asked", () =>
    Effect.gen(function*() {
      const { loaded, loading, search, self, settle } = yield* world()
      for (let num = 1; num <= 5; num++) self.entries.set(num, `a${num}`)
      assert.strictEqual(yield* search("a"), "ask the store")
      yield* settle
      assert.strictEqual(self.loads, 0, "changes are not heard of yet")
      const release = yield* loading
      assert.strictEqual(yield* search("a"), "ask the store", "being read")
      yield* release
      assert.deepStrictEqual(yield* search("a"), ["v1", "v2", "v3", "v4", "v5"])
      assert.strictEqual(self.loads, 1)
      yield* loaded
      assert.strictEqual(self.loads, 2, "opened again: what was there before is gone")
    }))

  it.effect("NV-2 what changed is read before the next answer, and only that", () =>
    Effect.gen(function*() {
      const { loaded, memory, search, self } = yield* world()
      self.entries.set(1, "a").set(2, "ab")
      yield* loaded
      self.entries.set(1, "b").set(3, "b")
      self.entries.delete(2)
      for (const id of ["v1", "v2", "v3"]) memory.forget(id)
      assert.deepStrictEqual(yield* search("b"), ["v1", "v3"])
      assert.deepStrictEqual(yield* search("a"), [])
      assert.deepStrictEqual([self.loads, self.reads], [1, 1])
    }))

  it.effect("NV-2 a change while all is being read is not lost", () =>
    Effect.gen(function*() {
      const { loading, memory, search, self } = yield* world()
      self.entries.set(1, "a")
      const release = yield* loading
      self.entries.set(1, "b")
      memory.forget("v1")
      yield* release
      assert.deepStrictEqual(yield* search("b"), ["v1"])
    }))

  it.effect("NV-2 a search waits for changes that another one is reading", () =>
    Effect.gen(function*() {
      const { holding, loaded, memory, search, self, settle } = yield* world()
      self.entries.set(1, "a")
      yield* loaded
      const release = yield* holding
      self.entries.set(1, "b")
      memory.forget("v1")
      const first = yield* Effect.forkChild(search("b"))
      yield* settle
      const second = yield* Effect.forkChild(search("b"))
      yield* settle
      yield* release
      assert.deepStrictEqual(yield* Fiber.join(second), ["v1"])
      assert.deepStrictEqual(yield* Fiber.join(first), ["v1"])
      assert.strictEqual(self.reads, 1)
    }))

  it.effect("NV-2 changes that could not be read, or whose reader gave up, are read by the next search", () =>
    Effect.gen(function*() {
      const { loaded, memory, search, self, settle } = yield* world()
      self.entries.set(1, "a")
      yield* loaded
      self.entries.set(1, "b")
      memory.forget("v1")
      self.isDown = true
      assert.strictEqual(yield* Effect.flip(search("b")), down)
      self.isDown = false
      self.hold = Effect.never
      const reader = yield* Effect.forkChild(search("b"))
      yield* settle
      yield* Fiber.interrupt(reader)
      self.hold = Effect.void
      assert.deepStrictEqual(yield* search("b"), ["v1"])
    }))

  it.effect("NV-2 after a gap, and when another generation is shown, all are read again", () =>
    Effect.gen(function*() {
      const { loaded, memory, search, self, settle } = yield* world()
      self.entries.set(1, "a")
      yield* loaded
      self.entries.set(1, "b")
      memory.setOpen(false)
      yield* settle
      assert.strictEqual(yield* search("b"), "ask the store")
      yield* loaded
      assert.deepStrictEqual(yield* search("b"), ["v1"])
      self.entries.set(1, "c")
      memory.clear()
      assert.strictEqual(yield* search("c"), "ask the store")
      yield* settle
      assert.deepStrictEqual(yield* search("c"), ["v1"])
    }))

  it.effect("NV-2 labels that were left while a change was being read are not shown any more", () =>
    Effect.gen(function*() {
      const { holding, loaded, memory, search, self, settle } = yield* world()
      self.entries.set(1, "a")
      yield* loaded
      const release = yield* holding
      memory.forget("v1")
      const reader = yield* Effect.forkChild(search("a"))
      yield* settle
      memory.setOpen(false)
      yield* release
      assert.strictEqual(yield* Fiber.join(reader), "ask the store")
    }))

  it.effect("NV-2 what was being read when a gap came is not shown", () =>
    Effect.gen(function*() {
      const { loading, memory, search, self, settle } = yield* world()
      self.entries.set(1, "a")
      const release = yield* loading
      self.entries.set(1, "b")
      memory.clear()
      yield* release
      assert.strictEqual(yield* search("b"), "ask the store")
      yield* settle
      assert.deepStrictEqual(yield* search("b"), ["v1"])
    }))

  it.effect("NV-2 a change whose announcement was lost shows after ten minutes; the old labels answer until then", () =>
    Effect.gen(function*() {
      const { loaded, search, self, settle } = yield* world()
      self.entries.set(1, "a")
      yield* loaded
      self.entries.set(1, "b")
      yield* TestClock.adjust("9 minutes")
      assert.deepStrictEqual(yield* search("b"), [])
      assert.strictEqual(self.loads, 1)
      yield* TestClock.adjust("2 minutes")
      assert.deepStrictEqual(yield* search("a"), ["v1"])
      yield* settle
      assert.deepStrictEqual(yield* search("b"), ["v1"])
      assert.strictEqual(self.loads, 2)
    }))

  it.effect("NV-2 more than may be kept, and more changes than are worth it, are left to the store", () =>
    Effect.gen(function*() {
      const { loaded, memory, search, self, settle } = yield* world({ maxBytes: 10 })
      self.entries.set(1, "a".repeat(20))
      yield* loaded
      assert.strictEqual(yield* search("a"), "ask the store")
      yield* settle
      assert.strictEqual(self.loads, 1, "it is not tried at every search")
      self.entries.set(1, "a")
      memory.clear()
      yield* loaded
      assert.deepStrictEqual(yield* search("a"), ["v1"])
      for (let at = 0; at <= 2000; at++) memory.forget(`v${at}`)
      assert.strictEqual(yield* search("a"), "ask the store")
      yield* settle
      assert.deepStrictEqual(yield* search("a"), ["v1"])
      assert.strictEqual(self.reads, 0)
    }))

  it.effect("NV-2 when the store is down while all is being read, the next search begins anew", () =>
    Effect.gen(function*() {
      const { loaded, search, self, settle } = yield* world()
      self.entries.set(1, "a")
      self.isDown = true
      yield* loaded
      self.isDown = false
      assert.strictEqual(yield* search("a"), "ask the store")
      yield* settle
      assert.deepStrictEqual(yield* search("a"), ["v1"])
    }))
})

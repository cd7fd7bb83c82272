import { assert, describe, it } from "@effect/vitest"
import { Envelope, Fault } from "@kanau/core"
import { Bus, Consumer } from "@kanau/messaging"
import { CausalRead, Coalesce, Projection, ViewStore } from "@kanau/views"
import { Deferred, Effect, Exit, Fiber } from "effect"
import { expected, manager, NoteEdited, shown, Truth, viewOf, world } from "./fixture.ts"

const publish = (event: object, position?: string) =>
  Effect.gen(function*() {
    const bus = yield* Bus.Bus
    const envelope = yield* Envelope.make(event, { source: "/test" })
    yield* bus.publish({ ...envelope, ...(position === undefined ? {} : { position }) })
  })

describe("Coalesce", () => {
  it.effect("what is asked for while a turn runs is the next turn, each key once", () =>
    Effect.gen(function*() {
      const turns: Array<ReadonlyArray<string>> = []
      const open = yield* Deferred.make<void>()
      const ask = Coalesce.make((keys) => {
        turns.push(keys)
        return turns.length === 1 ? Deferred.await(open) : Effect.void
      })
      const first = yield* Effect.forkChild(ask(["a"]))
      yield* Effect.yieldNow
      yield* Effect.yieldNow
      const others = yield* Effect.forEach(["a", "b", "a", "c"], (key) => Effect.forkChild(ask([key, "b"])))
      yield* Effect.yieldNow
      assert.deepStrictEqual(turns, [["a"]])
      yield* Deferred.succeed(open, undefined)
      yield* Effect.forEach([first, ...others], Fiber.join)
      assert.deepStrictEqual(turns, [["a"], ["a", "b", "c"]])
      yield* ask(["d"])
      assert.deepStrictEqual(turns.at(-1), ["d"])
    }))

  it.effect("a turn has no more keys than it may; a call waits for all of its own", () =>
    Effect.gen(function*() {
      const turns: Array<ReadonlyArray<string>> = []
      const ask = Coalesce.make((keys) => Effect.sync(() => void turns.push(keys)), { size: 2 })
      yield* ask(["a", "b", "c", "d", "e"])
      assert.deepStrictEqual(turns, [["a", "b"], ["c", "d"], ["e"]])
      yield* ask([])
    }))

  it.effect("a key that fails for good fails alone; what may pass fails all that were in the turn", () =>
    Effect.gen(function*() {
      const lasting = new Fault.Invariant({ reason: "bad" })
      const passing = new Fault.Unavailable({ dependency: "store", reason: "gone" })
      let worked = 0
      const failing = (fault: Fault.Invariant | Fault.Unavailable) =>
        Coalesce.make((keys) => {
          worked++
          return keys.includes("bad") ? Effect.fail(fault) : Effect.void
        })
      const outcomes = (ask: Coalesce.Coalesced<unknown, never>) =>
        Effect.map(
          Effect.forEach(["a", "bad", "b"], (key) => Effect.exit(ask([key])), { concurrency: "unbounded" }),
          (exits) => exits.map(Exit.isSuccess)
        )
      assert.deepStrictEqual(yield* outcomes(failing(lasting)), [true, false, true])
      assert.strictEqual(worked, 4)
      assert.deepStrictEqual(yield* outcomes(failing(passing)), [false, false, false])
      assert.strictEqual(worked, 5)
    }))

  it.effect("whoever leaves takes nobody with them, and a defect is told and forgotten", () =>
    Effect.gen(function*() {
      let broken = true
      const ask = Coalesce.make(() => broken ? Effect.die(new Error("bug")) : Effect.void)
      const left = yield* Effect.forkChild(ask(["a"]))
      const exit = Effect.exit(ask(["a"]))
      const stayed = yield* Effect.forkChild(exit)
      yield* Effect.yieldNow
      yield* Fiber.interrupt(left)
      assert.isTrue(Exit.isFailure(yield* Fiber.join(stayed)))
      broken = false
      assert.isTrue(Exit.isSuccess(yield* exit))
    }))
})

describe("Projection", () => {
  it.live("NV-2 five hundred changes of one document while it is derived cost a few derivations", () =>
    Effect.gen(function*() {
      const truth = new Truth()
      const open = yield* Deferred.make<void>()
      const view = viewOf(truth)
      const waiting = {
        ...view,
        derive: (ids: ReadonlyArray<string>) =>
          Effect.tap(view.derive(ids), () => truth.derivations === 1 ? Deferred.await(open) : Effect.void)
      }
      yield* manager(waiting)
      for (let edit = 1; edit <= 500; edit++) yield* publish(truth.edit("hot"), String(edit))
      yield* Effect.yieldNow
      yield* Deferred.succeed(open, undefined)
      const positions = Array.from({ length: 500 }, (_, at) => String(at + 1))
      for (let at = 0; at < positions.length; at += 100) {
        assert.isTrue(yield* CausalRead.whenCaughtUp(positions.slice(at, at + 100), "10 seconds"))
      }
      assert.deepStrictEqual(yield* shown("hot"), expected(truth, "hot"))
      assert.isAtMost(truth.derivations, 3)
    }).pipe(Effect.scoped, Effect.provide(world)))

  it.live("a document that cannot be derived stops no other, and its event is dead-lettered", () =>
    Effect.gen(function*() {
      const truth = new Truth()
      const view = viewOf(truth)
      const bad = {
        ...view,
        derive: (ids: ReadonlyArray<string>) =>
          ids.includes("bad") ? Effect.fail(new Fault.Invariant({ reason: "no title" })) : view.derive(ids)
      }
      yield* manager(bad)
      for (const id of ["a", "bad", "b", "c"]) yield* publish(truth.edit(id), String(truth.version))
      assert.isTrue(yield* CausalRead.whenCaughtUp(["1", "3", "4"], "10 seconds"))
      for (const id of ["a", "b", "c"]) assert.deepStrictEqual(yield* shown(id), expected(truth, id))
      const bus = yield* Bus.Bus
      const letters = yield* Effect.repeat(bus.deadLetters("manager", 10), { until: (found) => found.length > 0 })
      assert.strictEqual(letters[0]?.failure.error, "Invariant: no title")
      assert.deepStrictEqual(yield* (yield* ViewStore.ViewStore).unapplied(["1", "2", "3", "4"]), ["2"])
    }).pipe(Effect.scoped, Effect.provide(world)))

  it.live("a wait for what is not applied ends with its bound", () =>
    Effect.gen(function*() {
      assert.isFalse(yield* CausalRead.whenCaughtUp(["17"], "20 millis"))
      yield* (yield* ViewStore.ViewStore).markApplied(["17"])
      assert.isTrue(yield* CausalRead.whenCaughtUp(["17"], "20 millis"))
      assert.isTrue(yield* CausalRead.whenCaughtUp([], "20 millis"))
    }).pipe(Effect.provide(world)))

  it("a consumer takes each event once, however many views name it, and in no order", () => {
    const view = viewOf(new Truth())
    const consumer = Projection.consumer("manager", [view, { ...view, name: "other" }])
    assert.deepStrictEqual(consumer.queue.types, ["test.note-edited", "test.note-liked"])
    assert.isFalse(consumer.ordered)
    assert.strictEqual(Consumer.part(consumer).handlers[0]?.message, NoteEdited)
  })
})

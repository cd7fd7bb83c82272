/** Cases about delivery: order, prefetch, fan-out, sharing, drain, loss of the connection. */
import { Deferred, Effect, Exit, Fiber, Scope } from "effect"
import { assert } from "vitest"
import type { Case } from "../../BusConformance.ts"
import { ack, collect, declare, declared, eventually, publishAll, range, subjects, whenCut } from "./tools.ts"

export const cases: ReadonlyArray<Case> = [
  {
    title: "NF-1 every message is delivered, and not again once it is acknowledged",
    body: (run) =>
      Effect.gen(function*() {
        yield* run(Effect.gen(function*() {
          yield* declared
          yield* publishAll("t.made", range(1, 100))
          const seen = yield* collect("q")
          yield* eventually("all arrive", () => seen.length >= 100)
          assert.strictEqual(new Set(subjects(seen)).size, 100)
        }))
        yield* run(Effect.gen(function*() {
          yield* declared
          const seen = yield* collect("q")
          yield* publishAll("t.made", ["sentinel"])
          yield* eventually("the sentinel arrives", () => seen.length > 0)
          assert.deepStrictEqual(subjects(seen), ["sentinel"])
        }))
      })
  },
  {
    title: "a queue is delivered in the order it was published",
    body: (run) =>
      run(Effect.gen(function*() {
        yield* declare("q", "t.made", "t.changed")
        const sent = range(1, 150)
        for (const subject of sent) yield* publishAll(Number(subject) % 3 === 0 ? "t.changed" : "t.made", [subject])
        const seen = yield* collect("q")
        yield* eventually("all arrive", () => seen.length >= sent.length)
        assert.deepStrictEqual(subjects(seen), sent)
      }))
  },
  {
    title: "NF-7 never more than `prefetch` messages are unsettled, and all of them are used",
    body: (run) =>
      run(Effect.gen(function*() {
        yield* declared
        yield* publishAll("t.made", range(1, 20))
        const open = yield* Deferred.make<void>()
        let running = 0
        let most = 0
        const seen = yield* collect("q", () =>
          Effect.gen(function*() {
            most = Math.max(most, ++running)
            yield* Deferred.await(open)
            yield* Effect.yieldNow
            running--
            return ack
          }), 3)
        yield* eventually("three run", () => seen.length === 3)
        // Long enough for a fourth to show up, if it were to.
        yield* Effect.sleep("50 millis")
        assert.strictEqual(seen.length, 3)
        yield* Deferred.succeed(open, undefined)
        yield* eventually("all arrive", () => seen.length >= 20)
        assert.strictEqual(most, 3)
      }))
  },
  {
    title: "acknowledging one message acknowledges no other, in whatever order handlers end (Wolverine, multiple acks)",
    body: (run) =>
      Effect.gen(function*() {
        yield* run(Effect.gen(function*() {
          yield* declared
          yield* publishAll("t.made", range(1, 5))
          const cut = yield* Deferred.make<void>()
          const acked: Array<string> = []
          const seen = yield* collect("q", ({ envelope }) => {
            // Those that came first are still being handled when the last is done.
            if (Number(envelope.subject) < 4) return Effect.andThen(Deferred.await(cut), Effect.interrupt)
            acked.push(envelope.subject)
            return Effect.succeed(ack)
          }, 5)
          yield* eventually("all are handed out", () => seen.length === 5 && acked.length === 2)
          yield* Effect.addFinalizer(() => Deferred.succeed(cut, undefined))
        }))
        yield* run(Effect.gen(function*() {
          yield* declared
          const seen = yield* collect("q")
          yield* publishAll("t.made", ["sentinel"])
          yield* eventually("the others come again", () => seen.length >= 4)
          assert.deepStrictEqual([...new Set(subjects(seen))].sort(), ["1", "2", "3", "sentinel"])
        }))
      })
  },
  {
    title: "every queue bound to a type gets its own copy; other types stay away",
    body: (run) =>
      run(Effect.gen(function*() {
        yield* declare("first", "t.made")
        yield* declare("second", "t.made", "t.changed")
        const first = yield* collect("first")
        const second = yield* collect("second")
        yield* publishAll("t.made", ["1"])
        yield* publishAll("t.changed", ["2"])
        yield* publishAll("t.made", ["3"])
        yield* eventually("both have theirs", () => first.length >= 2 && second.length >= 3)
        assert.deepStrictEqual(subjects(first), ["1", "3"])
        assert.deepStrictEqual(subjects(second), ["1", "2", "3"])
      }))
  },
  {
    title: "consumers of one queue share its messages, each going to one of them",
    body: (run) =>
      run(Effect.gen(function*() {
        yield* declared
        const slowly = () => Effect.as(Effect.sleep("1 millis"), ack)
        const left = yield* collect("q", slowly, 2)
        const right = yield* collect("q", slowly, 2)
        yield* publishAll("t.made", range(1, 60))
        yield* eventually("all arrive", () => left.length + right.length >= 60)
        assert.strictEqual(new Set([...subjects(left), ...subjects(right)]).size, 60)
        assert.isAbove(left.length, 0)
        assert.isAbove(right.length, 0)
      }))
  },
  {
    title: "closing stops intake, waits for the running handler and settles its message (Watermill #678)",
    body: (run) =>
      Effect.gen(function*() {
        yield* run(Effect.gen(function*() {
          yield* declared
          yield* publishAll("t.made", ["1", "2"])
          const scope = yield* Scope.make()
          const finish = yield* Deferred.make<void>()
          const seen = yield* Scope.provide(
            collect("q", () => Effect.as(Deferred.await(finish), ack), 1),
            scope
          )
          yield* eventually("one runs", () => seen.length === 1)
          const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void))
          yield* Effect.sleep("50 millis")
          assert.isUndefined(closing.pollUnsafe(), "closing waits")
          yield* Deferred.succeed(finish, undefined)
          yield* Fiber.join(closing)
          assert.deepStrictEqual(subjects(seen), ["1"])
        }))
        yield* run(Effect.gen(function*() {
          yield* declared
          const seen = yield* collect("q")
          yield* publishAll("t.made", ["3"])
          yield* eventually("the rest arrives", () => seen.length >= 2)
          assert.deepStrictEqual(subjects(seen), ["2", "3"])
        }))
      })
  },
  {
    title: "consuming a queue that nobody declared is Unavailable",
    body: (run) =>
      run(Effect.gen(function*() {
        const fault = yield* Effect.flip(collect("nowhere"))
        assert.strictEqual(fault._tag, "Unavailable")
      }))
  }
]

export const continuesAfterConnectionLoss = whenCut(
  "NF-6 a consumer continues after its connection was lost, and gets what it had not settled again",
  ({ cut, restore }, run) =>
    Effect.gen(function*() {
      yield* declared
      yield* publishAll("t.made", ["1", "2"])
      const lost = yield* Deferred.make<void>()
      const seen = yield* collect(
        "q",
        ({ envelope }) => envelope.subject === "2" ? Effect.as(Deferred.await(lost), ack) : Effect.succeed(ack)
      )
      yield* eventually("both arrive", () => seen.length === 2)
      cut()
      // Another process publishes meanwhile, over a connection of its own.
      yield* run(Effect.andThen(declared, publishAll("t.made", ["3"])))
      yield* Deferred.succeed(lost, undefined)
      assert.strictEqual(seen.length, 2)
      restore()
      yield* eventually(
        "delivery continues",
        () => subjects(seen).includes("3") && subjects(seen).filter((subject) => subject === "2").length >= 2
      )
      for (const { attempt } of seen) assert.strictEqual(attempt, 1)
    })
)

/** Cases about what an operator does: looking at a queue, taking its dead letters away, putting one back. */
import { Bus } from "@kanau/messaging"
import { Clock, Effect, Exit, Scope } from "effect"
import { assert } from "vitest"
import type { Case } from "../../BusConformance.ts"
import {
  ack,
  bury,
  collect,
  declare,
  declared,
  eventually,
  eventuallyEffect,
  message,
  publishAll,
  range,
  retry,
  subjects
} from "./tools.ts"

const letters = Effect.flatMap(Bus.Bus, (bus) => bus.deadLetters("q", 100))

const areDead = (count: number) =>
  eventuallyEffect(`${count} are dead`, Effect.map(letters, (found) => found.length === count))

/** Buries messages with these subjects, in this order. */
const buryAll = (from: number, to: number) =>
  Effect.scoped(Effect.gen(function*() {
    yield* declared
    const before = (yield* letters).length
    yield* publishAll("t.made", range(from, to))
    yield* collect("q", () => Effect.succeed(bury), 1)
    yield* areDead(before + to - from + 1)
  }))

const collecting = (store: (letter: Bus.DeadLetter) => Effect.Effect<void, string> = () => Effect.void) =>
  Effect.gen(function*() {
    const bus = yield* Bus.Bus
    const handed: Array<Bus.DeadLetter> = []
    yield* bus.collectDeadLetters("q", (letter) =>
      Effect.suspend(() => {
        handed.push(letter)
        return store(letter)
      }))
    return handed
  })

const subjectsOf = (found: ReadonlyArray<Bus.DeadLetter>) => found.map(({ attributes }) => attributes["subject"])

export const cases: ReadonlyArray<Case> = [
  {
    title: "NF-2 dead letters are collected oldest first, also those that come later, and then are gone",
    body: (run) =>
      Effect.gen(function*() {
        yield* run(Effect.gen(function*() {
          yield* buryAll(1, 3)
          const before = yield* letters
          const handed = yield* collecting()
          yield* eventually("three are handed over", () => handed.length === 3)
          assert.deepStrictEqual(subjectsOf(handed), ["1", "2", "3"])
          assert.deepStrictEqual(handed.map(({ id }) => id), before.map(({ id }) => id))
          yield* collect("q", () => Effect.succeed(bury), 1)
          yield* publishAll("t.made", ["4"])
          yield* eventually("the fourth is handed over", () => handed.length === 4)
          yield* eventuallyEffect("none is left", Effect.map(letters, (found) => found.length === 0))
        }))
        yield* run(Effect.gen(function*() {
          yield* declared
          assert.deepStrictEqual(yield* letters, [])
        }))
      })
  },
  {
    title: "NF-2 a dead letter that could not be stored is handed over again, and is not lost by closing",
    body: (run) =>
      Effect.gen(function*() {
        const first = yield* Effect.acquireUseRelease(
          Scope.make(),
          (scope) =>
            run(Effect.gen(function*() {
              yield* buryAll(1, 2)
              let broken = true
              const handed = yield* Scope.provide(
                collecting(() => {
                  const outcome = broken ? Effect.fail("the store is down") : Effect.void
                  broken = false
                  return outcome
                }),
                scope
              )
              yield* eventually("the first is handed over twice", () => handed.length >= 2)
              assert.deepStrictEqual(subjectsOf(handed).slice(0, 2), ["1", "1"])
              assert.strictEqual(handed[0]?.id, handed[1]?.id)
              yield* eventually("the second is handed over", () => handed.length >= 3)
              yield* Scope.close(scope, Exit.void)
              return handed
            })),
          (scope) => Scope.close(scope, Exit.void)
        )
        assert.strictEqual(new Set(first.map(({ id }) => id)).size, 2)
        yield* run(Effect.gen(function*() {
          yield* buryAll(3, 3)
          const scope = yield* Scope.make()
          yield* Scope.provide(collecting(() => Effect.fail("the store is down")), scope)
          yield* Scope.close(scope, Exit.void)
          yield* eventuallyEffect("it is back", Effect.map(letters, (found) => found.length === 1))
        }))
      })
  },
  {
    title: "dead letters have ids of their own and the time they were given up",
    body: (run) =>
      run(Effect.gen(function*() {
        const began = yield* Clock.currentTimeMillis
        yield* buryAll(1, 2)
        const found = yield* letters
        assert.strictEqual(new Set(found.map(({ id }) => id)).size, 2)
        for (const { at } of found) {
          assert.isAtLeast(at, began)
          assert.isAtMost(at, yield* Clock.currentTimeMillis)
        }
      }))
  },
  {
    title: "collecting from a queue that nobody declared is Unavailable",
    body: (run) => run(Effect.map(Effect.flip(collecting()), (fault) => assert.strictEqual(fault._tag, "Unavailable")))
  },
  {
    title: "what is sent to a queue reaches that queue only, whole and as a first attempt",
    body: (run) =>
      run(Effect.gen(function*() {
        const bus = yield* Bus.Bus
        yield* declared
        yield* declare("other", "t.made")
        yield* buryAll(1, 1)
        const [letter] = yield* letters
        if (letter === undefined) return assert.fail("there is a letter")
        yield* bus.send("q", letter)
        const seen = yield* collect("q")
        const other = yield* collect("other")
        yield* publishAll("t.made", ["2"])
        yield* eventually("they arrive", () => seen.length >= 2 && other.length >= 2)
        assert.deepStrictEqual(subjects(seen), ["1", "2"])
        assert.deepStrictEqual(subjects(other), ["1", "2"])
        assert.strictEqual(seen[0]?.attempt, 1)
        const { data, ...attributes } = seen[0]?.envelope ?? { data: new Uint8Array() }
        assert.deepStrictEqual(attributes, letter.attributes)
        assert.isTrue(Buffer.from(data).equals(letter.data))
      }))
  },
  {
    title: "NF-3 what is sent without being an envelope is dead-lettered there",
    body: (run) =>
      run(Effect.gen(function*() {
        const bus = yield* Bus.Bus
        yield* declared
        const seen = yield* collect("q")
        yield* bus.send("q", { attributes: { subject: "odd" }, data: Uint8Array.from([255]) })
        yield* areDead(1)
        assert.deepStrictEqual(seen, [])
        const [letter] = yield* letters
        assert.strictEqual(letter?.failure.reason, "undecodable")
        assert.strictEqual(letter?.attributes["subject"], "odd")
        assert.deepStrictEqual([...letter?.data ?? []], [255])
      }))
  },
  {
    title: "a redriven message keeps its way: failing again, it is retried and dead-lettered again (pg-boss #874)",
    body: (run) =>
      run(Effect.gen(function*() {
        const bus = yield* Bus.Bus
        yield* buryAll(1, 1)
        const handed = yield* collecting()
        yield* eventually("it is collected", () => handed.length === 1)
        const [letter] = handed
        if (letter === undefined) return assert.fail("there is a letter")
        const seen = yield* collect("q", ({ attempt }) => Effect.succeed(attempt === 1 ? retry(50) : bury))
        yield* bus.send("q", letter)
        yield* eventually("it is given up again", () => handed.length === 2)
        assert.deepStrictEqual(seen.map(({ attempt }) => attempt), [1, 2])
        assert.strictEqual(handed[1]?.attempts, 2)
        assert.notStrictEqual(handed[1]?.id, letter.id)
      }))
  },
  {
    title: "sending to a queue that nobody declared is NoQueue",
    body: (run) =>
      run(Effect.gen(function*() {
        const bus = yield* Bus.Bus
        const { data, ...attributes } = yield* message("t.made", "1")
        const fault = yield* Effect.flip(bus.send("nowhere", { attributes: { ...attributes }, data }))
        assert.strictEqual(fault._tag, "NoQueue")
      }))
  },
  {
    title: "the status of a queue counts what waits, what is delayed, what is dead, and who consumes",
    body: (run) =>
      run(Effect.gen(function*() {
        const bus = yield* Bus.Bus
        assert.isUndefined(yield* bus.status("q"))
        yield* buryAll(1, 1)
        yield* publishAll("t.made", range(2, 4))
        const isSo = (what: string, expected: Bus.QueueStatus) =>
          eventuallyEffect(
            what,
            Effect.map(bus.status("q"), (status) => JSON.stringify(status) === JSON.stringify(expected))
          )
        yield* isSo("three wait", { ready: 3, delayed: 0, deadLetters: 1, consumers: 0 })
        const scope = yield* Scope.make()
        // Longer than the longest wait: it is counted as long as it waits.
        yield* Scope.provide(
          collect("q", ({ envelope }) => Effect.succeed(envelope.subject === "3" ? retry(200) : ack), 1),
          scope
        )
        yield* isSo("one is delayed", { ready: 0, delayed: 1, deadLetters: 1, consumers: 1 })
        yield* Scope.close(scope, Exit.void)
        yield* isSo("it is back", { ready: 1, delayed: 0, deadLetters: 1, consumers: 0 })
      }))
  }
]

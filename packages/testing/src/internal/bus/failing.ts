/** Cases about what does not succeed: settlements, retries, dead letters, what cannot be read. */
import { Bus } from "@kanau/messaging"
import { Clock, Effect } from "effect"
import { assert } from "vitest"
import type { Case, FeatureCase } from "../../BusConformance.ts"
import type { Features } from "./tools.ts"
import {
  ack,
  bury,
  collect,
  declared,
  eventually,
  eventuallyEffect,
  message,
  publishAll,
  range,
  retry,
  subjects
} from "./tools.ts"

/** How a first attempt may end, and all that follows: attempts that are delivered, and dead letters. */
const outcomes: ReadonlyArray<{
  readonly end: string
  readonly first: Effect.Effect<Bus.Settlement>
  readonly attempts: ReadonlyArray<number>
  readonly dead: ReadonlyArray<Bus.Failure["reason"]>
}> = [
  { end: "Ack", first: Effect.succeed(ack), attempts: [1], dead: [] },
  { end: "Retry", first: Effect.succeed(retry(50)), attempts: [1, 2], dead: [] },
  { end: "DeadLetter", first: Effect.succeed(bury), attempts: [1], dead: ["permanent-error"] },
  { end: "interruption", first: Effect.interrupt, attempts: [1, 1], dead: [] },
  {
    end: "a bug in the runner",
    first: Effect.die(new Error("bug")),
    attempts: [1],
    dead: ["permanent-error"]
  }
]

export const cases: ReadonlyArray<Case> = [
  ...outcomes.map(({ attempts, dead, end, first }): Case => ({
    title: `NF-1 a delivery that ends in ${end} has exactly one outcome, also for the process after`,
    body: (run) =>
      Effect.gen(function*() {
        yield* run(Effect.gen(function*() {
          const bus = yield* Bus.Bus
          yield* declared
          let isFirst = true
          const seen = yield* collect("q", () => {
            const settlement = isFirst ? first : Effect.succeed(ack)
            isFirst = false
            return settlement
          })
          yield* publishAll("t.made", ["1"])
          yield* eventually("the attempts are over", () => seen.length >= attempts.length)
          yield* eventuallyEffect(
            "the dead letters are there",
            Effect.map(bus.deadLetters("q", 10), (letters) => letters.length === dead.length)
          )
          assert.deepStrictEqual(seen.map(({ attempt }) => attempt), attempts)
        }))
        yield* run(Effect.gen(function*() {
          const bus = yield* Bus.Bus
          yield* declared
          const seen = yield* collect("q")
          yield* publishAll("t.made", ["sentinel"])
          yield* eventually("the sentinel arrives", () => seen.length > 0)
          assert.deepStrictEqual(subjects(seen), ["sentinel"])
          const letters = yield* bus.deadLetters("q", 10)
          assert.deepStrictEqual(letters.map(({ failure }) => failure.reason), dead)
        }))
      })
  })),
  {
    title: "NF-2 a retried message comes back no sooner than its delay, with a growing attempt and all it carried",
    body: (run) =>
      run(Effect.gen(function*() {
        const bus = yield* Bus.Bus
        yield* declared
        const times: Array<number> = []
        const seen = yield* collect("q", ({ attempt }) =>
          Effect.map(Clock.currentTimeMillis, (now) => {
            times.push(now)
            return attempt === 1 ? retry(50) : attempt === 2 ? retry(200) : ack
          }))
        const sent = { ...(yield* message("t.made", "1", "{\"a\":1}")), causationid: "cause", position: "42" }
        yield* bus.publish(sent)
        yield* eventually("three attempts are made", () => seen.length >= 3)
        assert.deepStrictEqual(seen.map(({ attempt }) => attempt), [1, 2, 3])
        for (const { envelope } of seen) assert.deepStrictEqual(plain(envelope), plain(sent))
        const [first = 0, second = 0, third = 0] = times
        // Clocks and timers of two processes may differ by a little.
        assert.isAtLeast(second - first, 45)
        assert.isAtLeast(third - second, 195)
      }))
  },
  {
    title: "NF-2 a waiting retry does not hold up other messages, nor a short wait behind a long one",
    body: (run) =>
      run(Effect.gen(function*() {
        yield* declared
        const seen = yield* collect("q", ({ attempt, envelope }) =>
          Effect.succeed(
            attempt > 1 || envelope.subject === "other" ? ack : retry(envelope.subject === "long" ? 1000 : 50)
          ))
        yield* publishAll("t.made", ["long", "short", "other"])
        yield* eventually("all are done", () => seen.length >= 5)
        const order = subjects(seen)
        // How long publishing takes is open.
        assert.deepStrictEqual(order.filter((subject) => subject !== "other"), ["long", "short", "short", "long"])
        assert.isBelow(order.indexOf("other"), order.lastIndexOf("long"))
      }))
  },
  {
    title: "NF-2 a dead letter carries queue, attempts, reason, error, attributes and bytes; looking leaves it there",
    body: (run) =>
      run(Effect.gen(function*() {
        const bus = yield* Bus.Bus
        yield* declared
        yield* collect("q", ({ attempt }) => Effect.succeed(attempt < 3 ? retry(50) : bury), 1)
        const sent = yield* message("t.made", "1", "{\"a\":1}")
        yield* bus.publish(sent)
        const letters = bus.deadLetters("q", 10)
        yield* eventuallyEffect("it is dead-lettered", Effect.map(letters, (found) => found.length === 1))
        const [letter] = yield* letters
        const { data, ...attributes } = sent
        assert.deepStrictEqual({ ...letter, data: undefined }, {
          id: letter?.id,
          at: letter?.at,
          queue: "q",
          attempts: 3,
          failure: { reason: "permanent-error", error: "Broken: it will never work" },
          attributes,
          data: undefined
        })
        assert.isTrue(Buffer.from(letter?.data ?? []).equals(data))
      }))
  },
  {
    title: "NF-2 dead letters are read oldest first, as many as asked for",
    body: (run) =>
      run(Effect.gen(function*() {
        const bus = yield* Bus.Bus
        yield* declared
        yield* collect("q", () => Effect.succeed(bury), 1)
        yield* publishAll("t.made", range(1, 5))
        const read = (limit: number) =>
          Effect.map(bus.deadLetters("q", limit), (letters) => letters.map(({ attributes }) => attributes["subject"]))
        yield* eventuallyEffect("all are dead", Effect.map(read(10), (found) => found.length === 5))
        assert.deepStrictEqual(yield* read(3), ["1", "2", "3"])
        assert.deepStrictEqual(yield* read(10), ["1", "2", "3", "4", "5"])
      }))
  },
  {
    title: "NF-3 a message without a valid envelope is dead-lettered unseen, bytes untouched, and stops nobody",
    body: (run) =>
      run(Effect.gen(function*() {
        const bus = yield* Bus.Bus
        yield* declared
        const seen = yield* collect("q")
        const bytes = Uint8Array.from([0xff, 0x00, 0xfe])
        yield* bus.publish({ ...(yield* message("t.made", "no position", bytes)), position: "-1" })
        yield* publishAll("t.made", ["fine"])
        yield* eventually("the other arrives", () => seen.length > 0)
        const letters = bus.deadLetters("q", 10)
        yield* eventuallyEffect("it is dead-lettered", Effect.map(letters, (found) => found.length === 1))
        assert.deepStrictEqual(subjects(seen), ["fine"])
        const [letter] = yield* letters
        assert.strictEqual(letter?.failure.reason, "undecodable")
        assert.strictEqual(letter?.attributes["position"], "-1")
        assert.strictEqual(letter?.attempts, 1)
        assert.deepStrictEqual([...letter?.data ?? []], [...bytes])
      }))
  }
]

export const buriesStrangers: FeatureCase<Exclude<Features["stranger"], { readonly skip: string }>> = {
  title: "NF-3 what another program put on the queue is dead-lettered with its headers and bytes, and stops nobody",
  feature: (features) => features.stranger,
  body: (run, put, room) =>
    run(Effect.gen(function*() {
      const bus = yield* Bus.Bus
      yield* declared
      const seen = yield* collect("q")
      yield* Effect.promise(() => put(room, "q", Uint8Array.from([1, 2, 3]), { hello: "world" }))
      yield* Effect.promise(() => put(room, "q", new Uint8Array(), {}))
      yield* publishAll("t.made", ["fine"])
      yield* eventually("the other arrives", () => seen.length > 0)
      const letters = bus.deadLetters("q", 10)
      yield* eventuallyEffect("they are dead-lettered", Effect.map(letters, (found) => found.length === 2))
      const [first, second] = yield* letters
      assert.strictEqual(first?.failure.reason, "undecodable")
      assert.strictEqual(first?.attributes["hello"], "world")
      assert.deepStrictEqual([...first?.data ?? []], [1, 2, 3])
      assert.strictEqual(second?.data.length, 0)
      assert.deepStrictEqual(subjects(seen), ["fine"])
    }))
}

const plain = (envelope: Bus.Delivery["envelope"]) => ({ ...envelope, data: [...envelope.data] })

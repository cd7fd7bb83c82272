/** Cases about publishing: confirms, routing, durability. */
import { Bus } from "@kanau/messaging"
import { Effect } from "effect"
import { assert } from "vitest"
import type { Case, FeatureCase } from "../../BusConformance.ts"
import type { Features } from "./tools.ts"
import {
  ack,
  collect,
  declared,
  eventually,
  eventuallyEffect,
  message,
  publishAll,
  range,
  retry,
  subjects,
  whenCut
} from "./tools.ts"

export const cases: ReadonlyArray<Case> = [
  {
    title: "NF-4 a type no queue is bound to is Unroutable, and nothing is stored for later",
    body: (run) =>
      run(Effect.gen(function*() {
        const bus = yield* Bus.Bus
        yield* bus.declare({ name: "q", types: ["t.made"] })
        const fault = yield* Effect.flip(bus.publish(yield* message("t.unbound", "1")))
        assert.strictEqual(fault._tag, "Unroutable")
        yield* bus.declare({ name: "q", types: ["t.unbound"] })
        const seen = yield* collect("q")
        yield* publishAll("t.unbound", ["2"])
        yield* eventually("the later message arrives", () => seen.length > 0)
        assert.deepStrictEqual(subjects(seen), ["2"])
      }))
  },
  {
    title: "KN-8 a payload of any format arrives byte for byte, with its media type and version",
    body: (run) =>
      run(Effect.gen(function*() {
        const bus = yield* Bus.Bus
        yield* declared
        const data = Uint8Array.from({ length: 256 }, (_, byte) => byte)
        const sent = {
          ...(yield* message("t.made", "1", data)),
          datacontenttype: "application/vnd.msgpack",
          dataschema: "7"
        }
        yield* bus.publish(sent)
        const seen = yield* collect("q", ({ attempt }) => Effect.succeed(attempt === 1 ? retry(1) : ack))
        yield* eventually("it arrives, also as a retried copy", () => seen.length === 2)
        for (const { envelope } of seen) {
          assert.deepStrictEqual(Uint8Array.from(envelope.data), data)
          assert.strictEqual(envelope.datacontenttype, sent.datacontenttype)
          assert.strictEqual(envelope.dataschema, sent.dataschema)
        }
      }))
  },
  {
    title: "NF-4 a thousand publishes in flight are each confirmed and delivered",
    body: (run) =>
      run(Effect.gen(function*() {
        const bus = yield* Bus.Bus
        yield* declared
        yield* Effect.forEach(
          range(1, 1000),
          (subject) => Effect.flatMap(message("t.made", subject), bus.publish),
          { concurrency: "unbounded" }
        )
        const seen = yield* collect("q")
        yield* eventually("all arrive", () => seen.length >= 1000)
        assert.strictEqual(new Set(subjects(seen)).size, 1000)
      }))
  },
  {
    title: "NF-5 what was confirmed, left unsettled, delayed or dead-lettered survives a restart",
    body: (run) =>
      Effect.gen(function*() {
        yield* run(Effect.gen(function*() {
          yield* declared
          yield* publishAll("t.made", ["bury", "delay", "interrupt", "untouched"])
          const seen = yield* collect("q", ({ envelope }) =>
            envelope.subject === "delay"
              ? Effect.succeed(retry(200))
              : envelope.subject === "bury"
              ? Effect.succeed({
                _tag: "DeadLetter",
                failure: { reason: "permanent-error", error: "Broken: buried before the restart" }
              })
              : Effect.interrupt, 1)
          yield* eventually("three are handled", () => seen.length >= 3)
        }))
        yield* run(Effect.gen(function*() {
          const bus = yield* Bus.Bus
          yield* declared
          const seen = yield* collect("q")
          yield* eventually("three come back", () => new Set(subjects(seen)).size === 3)
          assert.deepStrictEqual([...subjects(seen)].sort(), ["delay", "interrupt", "untouched"])
          for (const { attempt, envelope } of seen) assert.strictEqual(attempt, envelope.subject === "delay" ? 2 : 1)
          const dead = yield* bus.deadLetters("q", 10)
          assert.deepStrictEqual(dead.map((letter) => letter.attributes["subject"]), ["bury"])
        }))
      })
  },
  {
    title: "NF-5 declaring again changes nothing and keeps what is stored",
    body: (run) =>
      run(Effect.gen(function*() {
        yield* declared
        yield* publishAll("t.made", ["1"])
        yield* declared
        const seen = yield* collect("q")
        yield* publishAll("t.made", ["2"])
        yield* eventually("both arrive", () => seen.length >= 2)
        assert.deepStrictEqual(subjects(seen), ["1", "2"])
      }))
  },
  {
    title: "payloads of a megabyte, empty payloads and subjects in any script arrive as they were sent",
    body: (run) =>
      run(Effect.gen(function*() {
        const bus = yield* Bus.Bus
        yield* declared
        const big = Uint8Array.from({ length: 1_048_576 }, (_, index) => index % 251)
        const sent = [
          yield* message("t.made", "大きい", big),
          yield* message("t.made", "🦊 größer—'\"; drop\u0000", "{}"),
          yield* message("t.made", "empty", "")
        ]
        for (const envelope of sent) yield* bus.publish(envelope)
        const seen = yield* collect("q")
        yield* eventually("all arrive", () => seen.length >= sent.length)
        seen.forEach(({ envelope }, index) => {
          const { data, ...attributes } = envelope
          const { data: original, ...expected } = sent[index] as typeof envelope
          assert.deepStrictEqual(attributes, expected)
          assert.isTrue(Buffer.from(data).equals(original))
        })
      }))
  }
]

export const isKeptDurably: FeatureCase<Exclude<Features["inspect"], { readonly skip: string }>> = {
  title: "NF-5 the queue is durable and its messages are persistent (Nest #11642)",
  feature: (features) => features.inspect,
  body: (run, inspect, room) =>
    Effect.gen(function*() {
      yield* run(Effect.andThen(declared, publishAll("t.made", ["1"])))
      assert.deepStrictEqual(yield* Effect.promise(() => inspect(room, "q")), {
        durableQueue: true,
        persistentMessage: true
      })
    })
}

export const survivesBrokerRestart: FeatureCase<() => Promise<void>> = {
  title: "NF-5 messages survive a restart of the broker",
  feature: (features) => features.restartBroker,
  body: (run, restart) =>
    run(Effect.gen(function*() {
      yield* declared
      yield* publishAll("t.made", ["before"])
      yield* Effect.promise(restart)
      const again = publishAll("t.made", ["after"])
      yield* eventuallyEffect(
        "publishing works again",
        Effect.as(again, true).pipe(Effect.orElseSucceed(() => false)),
        30_000
      )
      const seen = yield* collect("q")
      yield* eventually("both arrive", () => subjects(seen).includes("before") && subjects(seen).includes("after"))
    }))
}

export const saysSoWithoutConnection = whenCut(
  "NF-4 without a connection publishing fails soon as Unavailable, and works again when it is back",
  ({ cut, restore }) =>
    Effect.gen(function*() {
      yield* declared
      yield* publishAll("t.made", ["1"])
      cut()
      // What is sent while the loss has not been noticed is unconfirmed; after that nothing is sent.
      const outcome = Effect.map(Effect.flip(publishAll("t.made", ["2"])), (fault) => fault._tag === "Unavailable")
      yield* eventuallyEffect("publishing is Unavailable", outcome)
      restore()
      const again = publishAll("t.made", ["3"])
      yield* eventuallyEffect(
        "publishing works again",
        Effect.as(again, true).pipe(Effect.orElseSucceed(() => false))
      )
      const seen = yield* collect("q")
      yield* eventually(
        "what was confirmed arrives",
        () => subjects(seen).includes("1") && subjects(seen).includes("3")
      )
    })
)

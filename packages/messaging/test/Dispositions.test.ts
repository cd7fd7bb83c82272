import { assert, describe, it } from "@effect/vitest"
import { Fault, OnceOnly, Processor } from "@kanau/core"
import { Bus, Consumer, Dispositions, Inbox } from "@kanau/messaging"
import { Effect, pipe, Schema } from "effect"
import { eventually, memory, note, NoteWritten, pass, publish } from "./fixture.ts"

class Refused extends Fault.define<Refused>()("Refused", "gone", {}, () => "Not this note.") {}
class Locked extends Fault.define<Locked>()("Locked", "permission-denied", {}, () => "Locked.") {}
class DriverError extends Schema.TaggedError<DriverError>()("DriverError", {}) {}

type Failing = Effect.Effect<void, Refused | Locked | DriverError | Fault.Unavailable>
const failures: Readonly<Record<"refused" | "locked" | "driver" | "both" | "unavailable", Failing>> = {
  refused: Effect.fail(new Refused()),
  locked: Effect.fail(new Locked()),
  driver: Effect.fail(new DriverError()),
  both: Effect.andThen(Effect.ensuring(Effect.fail(new Refused()), Effect.die("a bug")), Effect.void),
  unavailable: Effect.fail(new Fault.Unavailable({ dependency: "x", reason: "down" }))
}

/** What became of one message: how often it was tried, and why it was given up. */
const settle = (id: keyof typeof failures) =>
  Effect.gen(function*() {
    let attempts = 0
    yield* Consumer.run(Consumer.make({
      queue: "q",
      handlers: [Consumer.on(NoteWritten, () => {
        attempts++
        return failures[id]
      }, {
        errors: [Refused, Locked],
        dispositions: { Locked: "retry", DriverError: "dead-letter", Unavailable: "discard" }
      })]
    }))
    yield* publish(note(id))
    yield* eventually("it is tried", () => attempts > 0)
    yield* pass(4000, 100)
    const bus = yield* Bus.Bus
    const [letter] = yield* bus.deadLetters("q", 1)
    return { attempts, reason: letter?.failure.reason }
  }).pipe(Effect.scoped, Effect.provide(memory))

describe("what an error leads to", () => {
  const cases = [
    ["refused", "the kind of a listed error decides", { attempts: 1, reason: undefined }],
    ["locked", "a declared disposition overrules the kind", { attempts: 10, reason: "retries-exhausted" }],
    ["driver", "an error without a kind has the declared one", { attempts: 1, reason: "permanent-error" }],
    ["unavailable", "an error that needs no declaration can have one", { attempts: 1, reason: undefined }],
    ["both", "what died as well is a bug, whatever was declared", { attempts: 3, reason: "retries-exhausted" }]
  ] as const
  for (const [id, rule, expected] of cases) {
    it.effect(`NF-1 ${rule}`, () => Effect.map(settle(id), (outcome) => assert.deepStrictEqual(outcome, expected)))
  }

  it("NF-1 the declared map as rows: classes first, each tag once", () => {
    assert.deepStrictEqual(
      Dispositions.rows({ errors: [Refused, Locked], dispositions: { Locked: "retry", DriverError: "dead-letter" } }),
      [
        { error: "Refused", kind: "gone", disposition: "discard" },
        { error: "Locked", kind: "permission-denied", disposition: "retry" },
        { error: "DriverError", disposition: "dead-letter" }
      ]
    )
    assert.deepStrictEqual(Dispositions.rows({}), [])
  })

  it("the layers of a handler stand in its shape", () => {
    const charge = pipe((_: NoteWritten) => Effect.void, OnceOnly.required)
    const handler = Consumer.on(NoteWritten, pipe(charge, Inbox.deduplicate("billing")))
    assert.deepStrictEqual(handler.shape.layers, [
      { layer: "inbox", settings: { consumer: "billing" } },
      { layer: "onceOnly", settings: {} }
    ])
    assert.deepStrictEqual(Processor.shape(charge).layers.map(({ layer }) => layer), ["onceOnly"])
  })
})

/** Messages, faults of every kind, and helpers for tests under virtual time. */
import { Envelope, Fault, Message } from "@kanau/core"
import { Bus, EmbeddedBus } from "@kanau/messaging"
import { Effect, Layer, Schema } from "effect"
import { TestClock } from "effect/testing"

export class NoteWritten extends Message.event<NoteWritten>()("notes.note.written", {
  fields: { id: Schema.String, text: Schema.String },
  subject: (note) => note.id
}) {}

export class NoteIndexed extends Message.event<NoteIndexed>()("notes.note.indexed", {
  fields: { id: Schema.String },
  subject: (note) => note.id
}) {}

/** A fault of any kind, as a handler could fail with it. */
export const faultOf = (kind: Fault.Kind): Fault.Fault =>
  new (Fault.define<Fault.Fault & Error>()("Happened", kind, {}, () => `It was ${kind}.`))({})

export const kinds = Object.keys(Fault.rules) as ReadonlyArray<Fault.Kind>

export const memory: Layer.Layer<Bus.Bus> = Layer.orDie(EmbeddedBus.layer({ file: ":memory:" }))

export const publish = (message: object) =>
  Effect.flatMap(
    Effect.all([Envelope.make(message, { source: "test" }), Bus.Bus]),
    ([envelope, bus]) => Effect.as(bus.publish(envelope), envelope)
  )

export const note = (id: string, text = "text") => new NoteWritten({ id, text })

/** Lets real time pass, for the event loop to turn, until something is so; two seconds at most. */
export const eventually = (what: string, isSo: () => boolean): Effect.Effect<void> =>
  Effect.gen(function*() {
    for (let turns = 0; !isSo(); turns++) {
      if (turns > 2000) return yield* Effect.die(new Error(`It never happened: ${what}`))
      yield* turn()
    }
  })

/** Long enough for everything that can happen at this virtual time to have happened. */
export const quiet: Effect.Effect<void> = Effect.forEach(Array.from({ length: 10 }), () => turn(), { discard: true })

function turn(): Effect.Effect<void> {
  return TestClock.withLive(Effect.sleep("1 millis"))
}

/** Moves virtual time on in steps, letting things happen between them. */
export const pass = (seconds: number, step = 1): Effect.Effect<void> =>
  Effect.gen(function*() {
    for (let at = 0; at < seconds; at += step) {
      yield* TestClock.adjust(step * 1000)
      yield* turn()
    }
    yield* quiet
  })

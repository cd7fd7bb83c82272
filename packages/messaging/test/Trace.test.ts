import { assert, describe, it } from "@effect/vitest"
import type { Envelope } from "@kanau/core"
import { Bus, Consumer } from "@kanau/messaging"
import { Effect, Option, References, type Tracer } from "effect"
import { eventually, memory, note, NoteIndexed, NoteWritten, publish } from "./fixture.ts"

const ids = (traceparent: string | undefined) => ({
  trace: traceparent?.slice(3, 35),
  span: traceparent?.slice(36, 52)
})

/** One message is published in a span, its handler publishes another, and a second consumer gets that. */
const twoHops = Effect.gen(function*() {
  const bus = yield* Bus.Bus
  const spans: Array<Tracer.Span> = []
  const arrived: Array<Envelope.Envelope> = []
  yield* bus.declare({ name: "second", types: [NoteIndexed.type] })
  yield* Consumer.run(Consumer.make({
    queue: "first",
    handlers: [Consumer.on(NoteWritten, ({ id }) =>
      Effect.gen(function*() {
        const span = yield* Effect.option(Effect.currentSpan)
        if (span._tag === "Some") spans.push(span.value)
        yield* Effect.orDie(publish(new NoteIndexed({ id })))
      }))]
  }))
  yield* Consumer.run(Consumer.make({
    queue: "second",
    handlers: [
      Consumer.on(NoteIndexed, () => Effect.map(Consumer.currentEnvelope, (envelope) => void arrived.push(envelope)))
    ]
  }))
  const sent = yield* Effect.withSpan(
    Effect.all({ envelope: publish(note("n1")), span: Effect.option(Effect.currentSpan) }),
    "request"
  )
  yield* eventually("the second message arrived", () => arrived.length > 0)
  return { sent, handled: spans[0], second: arrived[0] }
})

describe("Trace", () => {
  it.effect("NB-20 the spans of sender, handler and next message form one trace", () =>
    Effect.gen(function*() {
      const { sent, handled, second } = yield* twoHops
      const request = sent.span._tag === "Some" ? sent.span.value : undefined
      assert.deepStrictEqual(ids(sent.envelope.traceparent), { trace: request?.traceId, span: request?.spanId })
      assert.strictEqual(handled?.name, `consume ${NoteWritten.type}`)
      assert.strictEqual(handled?.traceId, request?.traceId)
      assert.strictEqual(Option.getOrUndefined(handled?.parent ?? Option.none())?.spanId, request?.spanId)
      assert.deepStrictEqual(ids(second?.traceparent), { trace: request?.traceId, span: handled?.spanId })
    }).pipe(Effect.scoped, Effect.provide(memory)))

  it.effect("NB-20 without a tracer the trace id still goes from message to message, with a new parent each hop", () =>
    Effect.gen(function*() {
      const { sent, handled, second } = yield* twoHops
      assert.isUndefined(handled)
      assert.strictEqual(ids(second?.traceparent).trace, ids(sent.envelope.traceparent).trace)
      assert.notStrictEqual(ids(second?.traceparent).span, ids(sent.envelope.traceparent).span)
    }).pipe(Effect.scoped, Effect.provide(memory), Effect.provideService(References.TracerEnabled, false)))
})

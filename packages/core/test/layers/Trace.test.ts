import { assert, describe, it } from "@effect/vitest"
import { Effect, Metric, Option, pipe, References, Tracer } from "effect"
import { Layers } from "../../src/index.ts"
import { unavailable } from "./support.ts"

/** A tracer that keeps what it made. */
const recording = () => {
  const spans: Array<Tracer.NativeSpan> = []
  const tracer = Tracer.make({
    span: (options) => {
      const span = new Tracer.NativeSpan(options)
      spans.push(span)
      return span
    }
  })
  return { spans, tracer }
}

describe("Layers.trace", () => {
  it.effect("KN-4 a call is one span with the name and kind, the caller's as parent, and the outcome", () =>
    Effect.gen(function*() {
      const { spans, tracer } = recording()
      const ok = pipe((n: number) => Effect.as(Effect.currentSpan, n), Layers.trace("FindNote", "server"))
      const failing = pipe((_: number) => Effect.fail(unavailable), Layers.trace("SaveNote"))
      const both = Effect.andThen(ok(1), Effect.exit(failing(1)))
      yield* Effect.provideService(Effect.withSpan(both, "request"), Tracer.Tracer, tracer)
      const [request, find, save] = spans
      assert.deepStrictEqual(spans.map(({ name, kind }) => [name, kind]), [
        ["request", "internal"],
        ["FindNote", "server"],
        ["SaveNote", "internal"]
      ])
      for (const span of [find, save]) {
        assert.strictEqual(Option.getOrUndefined(span?.parent ?? Option.none())?.spanId, request?.spanId)
        assert.strictEqual(span?.traceId, request?.traceId)
      }
      const outcome = (span: Tracer.NativeSpan | undefined) =>
        span?.status._tag === "Ended" ? span.status.exit._tag : span?.status._tag
      assert.deepStrictEqual([outcome(find), outcome(save)], ["Success", "Failure"])
    }))

  it.effect("KN-4 spans inside are children of the span of the call", () =>
    Effect.gen(function*() {
      const { spans, tracer } = recording()
      const inner = pipe((n: number) => Effect.succeed(n), Layers.trace("inner"))
      // The time-out runs its call in another fiber; the span goes along.
      const outer = pipe(
        (n: number) => Effect.andThen(Effect.yieldNow, inner(n)),
        Layers.timeout("x", "1 minute"),
        Layers.trace("outer")
      )
      yield* Effect.provideService(outer(1), Tracer.Tracer, tracer)
      assert.strictEqual(Option.getOrUndefined(spans[1]?.parent ?? Option.none())?.spanId, spans[0]?.spanId)
    }))

  it.effect("KN-4 with tracing off no span is made and the call gets no other effect around it", () =>
    Effect.gen(function*() {
      const { spans, tracer } = recording()
      const call = pipe((_: number) => Effect.currentSpan, Layers.trace("FindNote"))
      const found = yield* Effect.option(call(1)).pipe(
        Effect.provideService(References.TracerEnabled, false),
        Effect.provideService(Tracer.Tracer, tracer)
      )
      assert.isTrue(Option.isNone(found))
      assert.deepStrictEqual(spans, [])
    }))
})

describe("Layers.meter", () => {
  it.effect("KN-4 counts every call once by its outcome, whether it answers at once or later", () =>
    Effect.gen(function*() {
      const outcomes: ReadonlyArray<Effect.Effect<number, typeof unavailable>> = [
        Effect.succeed(1),
        Effect.sync(() => 1),
        Effect.fail(unavailable),
        Effect.andThen(Effect.yieldNow, Effect.fail(unavailable)),
        Effect.die("boom"),
        Effect.interrupt
      ]
      const call = pipe(
        (at: number): Effect.Effect<number, typeof unavailable> => {
          const outcome = outcomes[at]
          if (outcome === undefined) throw new Error("thrown, not returned")
          return outcome
        },
        Layers.meter("Trace.meter")
      )
      for (let at = 0; at <= outcomes.length; at++) yield* Effect.exit(call(at))
      const counts = Object.fromEntries(
        (yield* Metric.snapshot)
          .filter(({ attributes, id }) => id === "kanau_processed_total" && attributes?.["operation"] === "Trace.meter")
          .map(({ attributes, state }) => [attributes?.["outcome"], "count" in state ? state.count : undefined])
      )
      assert.deepStrictEqual(counts, { ok: 2, unavailable: 2, defect: 2, interrupted: 1 })
    }))
})

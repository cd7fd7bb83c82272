/** 10 000 interrupted calls through every layer: afterwards nothing is left of them, and every place is free. */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, Fiber, Layer, Logger, Metric, pipe, Random, References, Schedule, Schema } from "effect"
import { KeyValue, Layers, type Processor, TokenBucket } from "../../src/index.ts"
import { unavailable } from "./support.ts"

type Needs = KeyValue.KeyValue | TokenBucket.TokenBucket
type Call = Processor.Processor<number, unknown, unknown, Needs>
type Inner = Processor.Processor<number, number, typeof unavailable>

interface Case {
  readonly build: Effect.Effect<(next: Inner) => Call>
  /** Calls that must all succeed at the same time when it is over; 1 when absent. */
  readonly room?: number
}

const plain = (wrap: (next: Inner) => Call): Case => ({ build: Effect.succeed(wrap) })

/** Every layer of `Layers`; the test below fails when one is missing. */
const cases: Readonly<Record<string, Case>> = {
  authorize: plain((next) => pipe(next, Layers.authorize(() => Effect.as(Effect.yieldNow, true)))),
  batch: plain((next) =>
    Layers.batch({ size: 5, age: "1 millis" })((inputs: ReadonlyArray<number>) =>
      Effect.forEach(inputs, (input) => Effect.result(next(input)), { concurrency: "unbounded" })
    )
  ),
  bulkhead: {
    build: Effect.map(Layers.bulkhead({ concurrent: 3, queued: 5 }), ({ layer }) => (next) => layer(next)),
    room: 8
  },
  // A refresh in the background goes on without anybody: it ends with its time-out.
  cache: plain((next) =>
    pipe(
      next,
      Layers.timeout("Interruption", "20 millis"),
      Layers.cache({ capacity: 10, timeToLive: 1, staleWhileRevalidate: 1, key: (n: number) => String(n % 7) })
    )
  ),
  circuitBreaker: {
    // Open for no time at all, so that most calls are probes.
    build: Effect.map(
      Layers.circuitBreaker("Interruption", { failures: 1, openFor: 0, probes: 3, successes: 1_000_000 }),
      ({ layer }) => (next) => layer(next)
    ),
    room: 3
  },
  fallback: plain((next) => pipe(next, Layers.fallback(() => Effect.as(Effect.sleep("1 hour"), 0)))),
  hedge: plain((next) => pipe(next, Layers.hedge({ after: "1 millis" }))),
  idempotency: plain((next) =>
    pipe(
      next,
      Layers.idempotency({ name: "Interruption", key: String, output: Schema.Number, timeToLive: "1 hour" })
    )
  ),
  loadShed: {
    build: Effect.map(
      Layers.loadShed({ target: "1 hour", minimum: 6, maximum: 6 }),
      ({ layer }) => (next) => layer(next)
    ),
    room: 6
  },
  log: plain((next) => pipe(next, Layers.log("Interruption"))),
  meter: plain((next) => pipe(next, Layers.meter("Interruption"))),
  rateLimit: plain((next) => pipe(next, Layers.rateLimit({ limit: 1_000_000, per: "1 second" }))),
  retry: plain((next) =>
    pipe(next, Layers.retry({ times: 3, base: "20 millis", deadline: "1 hour", budget: { share: 1 } }))
  ),
  sharedRateLimit: plain((next) =>
    pipe(next, Layers.sharedRateLimit({ name: "Interruption", key: String, limit: 1_000_000, per: "1 second" }))
  ),
  standard: {
    build: Effect.map(
      Layers.standard("Interruption.standard", {
        timeout: "1 millis",
        retry: { times: 2, base: "1 millis" },
        breaker: { failures: 2, openFor: 0, probes: 3, successes: 1_000_000 },
        idempotent: true
      }),
      ({ layer }) => (next) => layer(next)
    ),
    room: 3
  },
  // One limit that is often reached, and one whose timer and call would stay if nobody stopped them.
  timeout: plain((next) => {
    const brief = pipe(next, Layers.timeout("Interruption", "1 millis"))
    const long = pipe(next, Layers.timeout("Interruption", "1 hour"))
    return (n) => n % 2 === 0 ? brief(n) : long(n)
  }),
  trace: plain((next) => pipe(next, Layers.trace("Interruption"))),
  validate: plain((next) => pipe(next, Layers.validate(Schema.Number)))
}

const calls = 10_000

/** Work of every kind: at once, after a turn or a tick, never, failing, not to be interrupted. */
const makeWork = () => {
  const state = { running: 0, isCalm: false }
  const kinds: ReadonlyArray<(n: number) => Effect.Effect<number, typeof unavailable>> = [
    Effect.succeed,
    (n) => Effect.sync(() => n),
    (n) => Effect.as(Effect.sleep("1 hour"), n),
    (n) => Effect.as(Effect.sleep("1 millis"), n),
    (n) => Effect.as(Effect.yieldNow, n),
    (n) => Effect.promise(() => Promise.resolve(n)),
    (n) => Effect.uninterruptible(Effect.as(Effect.yieldNow, n)),
    () => Effect.fail(unavailable),
    () => Effect.andThen(Effect.yieldNow, Effect.fail(unavailable))
  ]
  const work: Inner = (n) => {
    if (state.isCalm) return Effect.as(Effect.yieldNow, n)
    const kind = kinds[n % kinds.length] ?? Effect.succeed
    // Some answer as a finished exit, without any effect around it.
    return n % kinds.length === 0 ? kind(n) : Effect.acquireUseRelease(
      Effect.sync(() => void state.running++),
      () => kind(n),
      () => Effect.sync(() => void state.running--)
    )
  }
  return { state, work }
}

const timers = Effect.sync(() => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length)

/** Polls, because a timer that was stopped is gone only after the turn of the event loop. */
const becomes = (title: string, atMost: number, count: Effect.Effect<number>) =>
  count.pipe(
    Effect.repeat({ until: (now) => now <= atMost, schedule: Schedule.spaced("5 millis"), times: 400 }),
    Effect.andThen(count),
    Effect.map((now) => assert.isAtMost(now, atMost, title))
  )

describe("10 000 interrupted calls", { concurrent: false }, () => {
  it("are made through every layer there is", () => {
    const makers = Object.entries(Layers)
      .filter(([name, value]) => typeof value === "function" && /^[a-z]/.test(name))
      .map(([name]) => name)
    assert.deepStrictEqual(makers.sort(), Object.keys(cases).sort())
  })

  for (const [name, { build, room = 1 }] of Object.entries(cases)) {
    it.live(`${name === "circuitBreaker" ? "NB-17" : "KN-4"} ${name} leaves no fiber, no timer and no place taken`, () => {
      let fibers = 0
      const storm = Effect.gen(function*() {
        const { state, work } = makeWork()
        const call = (yield* build)(work)
        const timersBefore = yield* timers
        yield* Effect.forEach(Array.from({ length: calls }, (_, n) => n), (n) =>
          Effect.gen(function*() {
            const running = yield* Effect.forkDetach(call(n), { startImmediately: yield* Random.nextBoolean })
            const pause = yield* Random.nextIntBetween(0, 5)
            for (let at = 0; at < pause; at++) {
              yield* at % 2 === 0
                ? Effect.yieldNow
                : Effect.promise(() => Promise.resolve())
            }
            yield* Fiber.interrupt(running)
          }), { concurrency: 50, discard: true })
        yield* becomes("calls", 0, Effect.sync(() => state.running))
        // This fiber is one; whatever the layer has in the background must end soon after.
        yield* becomes("fibers", 1, Effect.sync(() => fibers))
        yield* becomes("timers", timersBefore, timers)
        state.isCalm = true
        // The last outcome may have opened a breaker; the first call after it makes it half-open.
        const together = yield* Effect.forEach(
          Array.from({ length: room }, (_, n) => n),
          (n) => Effect.exit(Effect.timeout(call(calls + n), "5 seconds")),
          { concurrency: "unbounded" }
        )
        assert.deepStrictEqual(together.filter(Exit.isFailure), [])
      })
      const counted: Metric.FiberRuntimeMetricsService = {
        recordFiberStart: () => void fibers++,
        recordFiberEnd: () => void fibers--
      }
      const ports = Layer.mergeAll(KeyValue.layerMemory(), TokenBucket.layerMemory(), Logger.layer([]))
      return Effect.flatMap(Layer.build(ports), (context) =>
        Effect.promise(() =>
          Effect.runPromiseWith(Context.merge(
            context,
            Context.make(Metric.FiberRuntimeMetrics, counted).pipe(
              Context.add(References.MinimumLogLevel, "Debug")
            )
          ))(Random.withSeed(storm, name))
        ))
    })
  }
})

import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Metric, Schema } from "effect"
import { TestClock } from "effect/testing"
import { type Fault, Layers } from "../../src/index.ts"
import { invariant, makeControlled, settle, start, unavailable } from "./support.ts"

const options = {
  failures: 3,
  errorRate: 0.5,
  window: 6,
  minimumCalls: 4,
  openFor: "10 seconds",
  probes: 2,
  successes: 3
} as const

const outcomes = { ok: Effect.succeed("ok"), answer: Effect.fail(invariant), fail: Effect.fail(unavailable) }
type Outcome = keyof typeof outcomes | "die" | "interrupt"

const make = Effect.gen(function*() {
  let made = 0
  const breaker = yield* Layers.circuitBreaker("CircuitBreaker.test", options)
  const call = breaker.layer((outcome: Outcome) =>
    Effect.suspend((): Effect.Effect<string, Fault.Unavailable | Fault.Invariant> => {
      made++
      if (outcome === "die") throw new Error("boom")
      return outcome === "interrupt" ? Effect.interrupt : outcomes[outcome]
    })
  )
  const run = (...all: ReadonlyArray<Outcome>) => Effect.forEach(all, (one) => Effect.exit(call(one)))
  return { breaker, call, run, made: () => made }
})

describe("Layers.circuitBreaker", () => {
  it.effect("NB-17 opens after failures in a row, and then fails without touching the dependency", () =>
    Effect.gen(function*() {
      const { breaker, call, made, run } = yield* make
      yield* run("ok", "fail", "die")
      assert.strictEqual(yield* breaker.state, "closed")
      yield* run("fail")
      assert.strictEqual(yield* breaker.state, "open")
      assert.isFalse(yield* breaker.isReady)
      yield* TestClock.adjust("4 seconds")
      const fault = yield* Effect.flip(call("ok"))
      assert.deepStrictEqual(
        [fault._tag, fault.kind, "retryAfterMillis" in fault && fault.retryAfterMillis, made()],
        ["CircuitOpen", "unavailable", 6000, 4]
      )
    }))

  it.effect("NB-17 opens at an error rate, not before the minimum of calls", () =>
    Effect.gen(function*() {
      const { breaker, run } = yield* make
      yield* run("fail", "ok", "fail")
      assert.strictEqual(yield* breaker.state, "closed")
      yield* run("ok")
      assert.strictEqual(yield* breaker.state, "open")
    }))

  it.effect("NB-17 faults that are answers are successes, and interrupted calls count as nothing", () =>
    Effect.gen(function*() {
      const { breaker, run } = yield* make
      yield* run("answer", "answer", "answer", "answer", "interrupt", "interrupt", "interrupt")
      yield* run("fail", "fail", "interrupt", "answer")
      assert.strictEqual(yield* breaker.state, "closed")
    }))

  it.effect("NB-17 half-open lets at most the given number of probes through at a time", () =>
    Effect.gen(function*() {
      const { breaker, run } = yield* make
      const dependency = makeControlled()
      const call = breaker.layer(dependency.process)
      yield* run("fail", "fail", "fail")
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(yield* breaker.state, "half-open")
      assert.isTrue(yield* breaker.isReady)
      const first = yield* start(call("a"))
      yield* start(call("b"))
      const refused = yield* Effect.flip(call("c"))
      assert.strictEqual(refused._tag, "CircuitOpen")
      assert.strictEqual(dependency.begun(), 2)
      yield* Fiber.interrupt(first)
      yield* start(call("d"))
      assert.strictEqual(dependency.begun(), 3)
    }))

  it.effect("NB-17 closes after enough probes succeeded, with an empty window", () =>
    Effect.gen(function*() {
      const { breaker, run } = yield* make
      yield* run("fail", "fail", "fail")
      yield* TestClock.adjust("10 seconds")
      yield* run("ok", "answer")
      assert.strictEqual(yield* breaker.state, "half-open")
      yield* run("ok")
      assert.strictEqual(yield* breaker.state, "closed")
      yield* run("fail", "ok", "fail")
      assert.strictEqual(yield* breaker.state, "closed")
    }))

  it.effect("NB-17 any failure of a probe opens it for the whole time again; moves are counted", () =>
    Effect.gen(function*() {
      const { breaker, run } = yield* make
      yield* run("fail", "fail", "fail")
      yield* TestClock.adjust("10 seconds")
      yield* run("ok", "ok", "fail")
      yield* TestClock.adjust("9999 millis")
      assert.strictEqual(yield* breaker.state, "open")
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(yield* breaker.state, "half-open")
      const moves = (yield* Metric.snapshot)
        .filter((metric) => metric.id === "kanau_breaker_transitions_total")
        .map((metric) => `${metric.attributes?.["from"]} ${metric.attributes?.["to"]}`)
      assert.includeMembers(moves, ["closed open", "open half-open", "half-open open"])
    }))

  it("NB-17 settings that make no sense are refused when the breaker is made", () => {
    for (
      const wrong of [{ failures: 0 }, { errorRate: 0 }, { window: 1.5 }, { probes: 0 }, { successes: Number.NaN }]
    ) {
      assert.throws(() => Effect.runSync(Layers.circuitBreaker("x", wrong)), /must be/)
    }
  })

  const Step = Schema.Union([
    Schema.Struct({ do: Schema.Literal("start") }),
    Schema.Struct({
      do: Schema.Literal("end"),
      call: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 5 })),
      with: Schema.Literals(["ok", "answer", "fail", "fail", "die", "interrupt"])
    }),
    Schema.Struct({ do: Schema.Literal("wait"), millis: Schema.Literals([1, 2500, 5000, 10_000]) })
  ])
  const Steps = Schema.Array(Step).check(Schema.isMinLength(20), Schema.isMaxLength(120))

  it.effect.prop(
    "NB-17 any history of calls, outcomes and waits agrees with the model",
    { steps: Steps },
    ({ steps }) =>
      Effect.gen(function*() {
        const model = makeModel()
        const dependency = makeControlled()
        const breaker = yield* Layers.circuitBreaker("CircuitBreaker.property", options)
        const call = breaker.layer(dependency.process)
        const running: Array<
          { readonly fiber: Fiber.Fiber<unknown, unknown>; readonly at: number; readonly id: number }
        > = []
        let now = 0
        for (const step of steps) {
          if (step.do === "wait") {
            now += step.millis
            yield* TestClock.adjust(step.millis)
          } else if (step.do === "start") {
            const at = dependency.begun()
            const fiber = yield* start(call("x"))
            const id = model.start(now)
            assert.strictEqual(dependency.begun() > at, id !== undefined)
            if (id !== undefined) running.push({ fiber, at, id })
          } else {
            const [ending] = running.splice(step.call, 1)
            if (ending === undefined) continue
            if (step.with === "interrupt") yield* Fiber.interrupt(ending.fiber)
            else if (step.with === "die") yield* dependency.end(ending.at, Effect.die("boom"))
            else yield* dependency.end(ending.at, outcomes[step.with])
            yield* settle
            const exit = ending.fiber.pollUnsafe()
            assert.strictEqual(exit !== undefined && Exit.isSuccess(exit), step.with === "ok")
            model.end(now, ending.id, step.with)
          }
          assert.strictEqual(yield* breaker.state, model.state(now))
        }
      }),
    { arbitrary: { runs: 150, size: 80 } }
  )
})

/** The state machine of NB-17 in the plainest words: lists of outcomes, looked at from the start each time. */
const makeModel = () => {
  let era: {
    readonly state: Layers.CircuitState
    readonly since: number
    readonly calls: Set<number>
    readonly seen: Array<boolean>
  } = { state: "closed", since: 0, calls: new Set(), seen: [] }
  let ids = 0
  const go = (state: Layers.CircuitState, since: number) => {
    era = { state, since, calls: new Set(), seen: [] }
  }
  const state = (now: number) => {
    if (era.state === "open" && now - era.since >= 10_000) go("half-open", now)
    return era.state
  }
  return {
    state,
    start: (now: number): number | undefined => {
      const at = state(now)
      if (at === "open" || (at === "half-open" && era.calls.size >= options.probes)) return undefined
      era.calls.add(++ids)
      return ids
    },
    end: (now: number, id: number, outcome: Outcome) => {
      if (!era.calls.delete(id) || outcome === "interrupt") return
      const isGood = outcome === "ok" || outcome === "answer"
      era.seen.push(isGood)
      if (era.state === "half-open") {
        if (!isGood) go("open", now)
        else if (era.seen.length === options.successes) go("closed", now)
        return
      }
      const recent = era.seen.slice(-options.window)
      const bad = recent.filter((isGood) => !isGood).length
      const tail = era.seen.slice(-options.failures)
      if (tail.length === options.failures && !tail.includes(true)) go("open", now)
      else if (recent.length >= options.minimumCalls && bad / recent.length >= options.errorRate) go("open", now)
    }
  }
}

/** Tasks that nobody waits for, except shutting down: a model for random histories, and what a task keeps and cannot do. */
import { assert, describe, it } from "@effect/vitest"
import { Context, Deferred, Effect, Exit, Fiber, Layer, Logger, Metric, pipe, References, Schema, Scope } from "effect"
import { TestClock } from "effect/testing"
import { expectTypeOf } from "vitest"
import { Correlation, Fault, Layers, Principal, Processor, Tasks } from "../../src/index.ts"
import { Ending, makeTrace, processorOf, settle } from "./support.ts"

const opened = (limit: number) =>
  Effect.gen(function*() {
    const scope = yield* Scope.make()
    const context = yield* Layer.buildWithScope(Tasks.layer({ limit }), scope)
    return { tasks: Context.get(context, Tasks.Tasks), scope, close: Scope.close(scope, Exit.void) }
  })

const failures = (task: string) =>
  Effect.map(Metric.snapshot, (series) =>
    Object.fromEntries(
      series
        .filter(({ attributes, id }) => id === "kanau_tasks_failed_total" && attributes?.["task"] === task)
        .map((metric) => [metric.attributes?.["kind"], metric.type === "Counter" ? metric.state.count : undefined])
    ))

const Step = Schema.Union([
  Schema.Struct({
    do: Schema.Literal("start"),
    ends: Ending,
    millis: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 40 }))
  }),
  Schema.Struct({ do: Schema.Literal("wait"), millis: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 20 })) })
])

describe("laws of tasks", () => {
  it.effect.prop(
    "KN-10 whatever was started and however it ends, no more than the limit run, and closing waits for the last",
    {
      steps: Schema.Array(Step).check(Schema.isMinLength(1), Schema.isMaxLength(30)),
      limit: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 5 }))
    },
    ({ limit, steps }) =>
      Effect.gen(function*() {
        const { close, tasks } = yield* opened(limit)
        const trace = makeTrace()
        const ended: Array<number> = []
        /** The model: when each task that was taken is over. */
        const until: Array<number> = []
        let now = 0
        const running = () => until.filter((end) => end > now).length
        for (const step of steps) {
          if (step.do === "wait") {
            now += step.millis
            yield* TestClock.adjust(step.millis)
          } else {
            const id = until.length
            const ends = step.ends === "hang" ? "fail" : step.ends
            const work = Effect.andThen(
              Effect.sleep(step.millis),
              Effect.suspend(() => processorOf(trace, `t${id}`, { add: 1, ends, isSlow: false })(id))
            )
            const exit = yield* Effect.exit(
              tasks.start("model", Effect.onExit(work, () => Effect.sync(() => ended.push(id))))
            )
            assert.strictEqual(Exit.isSuccess(exit), running() < limit)
            if (Exit.isSuccess(exit)) until.push(now + step.millis)
            yield* settle
          }
          assert.strictEqual(yield* tasks.running, running())
          assert.strictEqual(yield* tasks.isReady, running() < limit)
        }
        const closing = yield* Effect.forkChild(close, { startImmediately: true })
        yield* settle
        const refused = yield* Effect.flip(tasks.start("model", Effect.die("must not run")))
        assert.instanceOf(refused, Fault.Unavailable)
        assert.isFalse(yield* tasks.isReady)
        const last = Math.max(now, ...until)
        if (last > now) {
          yield* TestClock.adjust(last - now - 1)
          yield* settle
          assert.isUndefined(closing.pollUnsafe())
          yield* TestClock.adjust(1)
        }
        yield* settle
        assert.isDefined(closing.pollUnsafe())
        assert.deepStrictEqual(ended.toSorted((a, b) => a - b), until.map((_, id) => id))
        assert.strictEqual(yield* tasks.running, 0)
      }),
    { arbitrary: { runs: 150, size: 40 } }
  )

  it.effect("KN-10 one too many is refused as an overload, and runs neither then nor later", () =>
    Effect.gen(function*() {
      const { close, tasks } = yield* opened(2)
      const gate = Deferred.makeUnsafe<void>()
      let extra = 0
      yield* tasks.start("gate", Deferred.await(gate))
      yield* tasks.start("gate", Deferred.await(gate))
      const refused = yield* Effect.flip(tasks.start("extra", Effect.sync(() => extra++)))
      assert.instanceOf(refused, Layers.Overloaded)
      assert.strictEqual(refused.kind, "unavailable")
      yield* Deferred.succeed(gate, undefined)
      yield* close
      assert.strictEqual(extra, 0)
    }))

  it.effect("KN-10 a task that a running task starts while closing is refused, and that refusal is seen", () =>
    Effect.gen(function*() {
      const { close, tasks } = yield* opened(5)
      let isFollowed = false
      yield* tasks.start(
        "parent",
        Effect.andThen(Effect.sleep(10), tasks.start("child", Effect.sync(() => void (isFollowed = true))))
      )
      const closing = yield* Effect.forkChild(close, { startImmediately: true })
      yield* TestClock.adjust(10)
      yield* Fiber.join(closing)
      assert.isFalse(isFollowed)
      assert.deepStrictEqual(yield* failures("parent"), { unavailable: 1 })
    }))

  it.effect("KN-10 interrupting the one who started a task does not interrupt the task, not even before it began", () =>
    Effect.gen(function*() {
      const { close, tasks } = yield* opened(5)
      const done: Array<string> = []
      const caller = (name: string) =>
        Effect.andThen(
          tasks.start("survivor", Effect.andThen(Effect.sleep(10), Effect.sync(() => done.push(name)))),
          Effect.never
        )
      const first = yield* Effect.forkChild(caller("first"), { startImmediately: true })
      first.interruptUnsafe()
      const second = yield* Effect.forkChild(caller("second"))
      yield* settle
      yield* Fiber.interrupt(second)
      const closing = yield* Effect.forkChild(close)
      yield* TestClock.adjust(10)
      yield* Fiber.join(closing)
      assert.deepStrictEqual(done, ["first", "second"])
    }))

  it.effect("KN-10 a task keeps correlation and principal, and begins after the one who started it went on", () =>
    Effect.gen(function*() {
      const { close, tasks } = yield* opened(5)
      const seen: Array<string> = []
      const work = Effect.gen(function*() {
        const { correlationId } = yield* Correlation.Correlation
        const { name } = yield* Principal.Principal
        seen.push(`${name} ${correlationId}`)
      })
      yield* Effect.andThen(tasks.start("who", work), Effect.sync(() => seen.push("answered"))).pipe(
        Effect.provideService(Correlation.Correlation, { correlationId: "order-17", traceparent: "" }),
        Effect.provideService(Principal.Principal, { name: "ada" })
      )
      yield* close
      assert.deepStrictEqual(seen, ["answered", "ada order-17"])
    }))

  it.effect("KN-10 a failed task is logged with kind and message, never with what it worked on, and counted", () =>
    Effect.gen(function*() {
      const lines: Array<string> = []
      const logger = Logger.make(({ fiber, logLevel, message }) => {
        lines.push(`${logLevel} ${String(message)} ${JSON.stringify(fiber.getRef(References.CurrentLogAnnotations))}`)
      })
      yield* Effect.gen(function*() {
        const { close, tasks } = yield* opened(9)
        yield* tasks.start("lamp", Effect.fail(new Fault.Conflict({ reason: "Somebody was faster." })))
        yield* tasks.start("lamp", Effect.die(new TypeError("x is not a function")))
        yield* tasks.start("lamp", Effect.fail({ password: "secret" }))
        yield* tasks.start("lamp", Effect.interrupt)
        yield* tasks.start("lamp", Effect.succeed("quiet"))
        yield* close
      }).pipe(Effect.provide(Logger.layer([logger])))
      assert.deepStrictEqual(lines, [
        "Error Background task failed: Conflict: Somebody was faster. {\"task\":\"lamp\",\"kind\":\"conflict\"}",
        "Error Background task failed: TypeError: x is not a function {\"task\":\"lamp\",\"kind\":\"defect\"}",
        "Error Background task failed: It threw something that is no Error {\"task\":\"lamp\",\"kind\":\"defect\"}",
        "Error Background task failed: It interrupted itself {\"task\":\"lamp\",\"kind\":\"interrupted\"}"
      ])
      assert.deepStrictEqual(yield* failures("lamp"), { conflict: 1, defect: 2, interrupted: 1 })
    }))

  it.effect("KN-10 a processor made to run later answers at once, and a throw at its call is a failed task", () =>
    Effect.gen(function*() {
      const done: Array<number> = []
      const slow = (n: number): Effect.Effect<string, Fault.Conflict> => {
        if (n === 0) throw new Error("zero")
        return Effect.andThen(Effect.sleep(10), Effect.sync(() => `${done.push(n)}`))
      }
      const later = pipe(slow, Tasks.later("slow"))
      expectTypeOf(later).toEqualTypeOf<
        Processor.Processor<number, void, Layers.Overloaded | Fault.Unavailable, Tasks.Tasks>
      >()
      assert.deepStrictEqual(Processor.shape(later).layers, [{ layer: "later", settings: { task: "slow" } }])
      const { close, tasks } = yield* opened(5)
      yield* Effect.provideService(Effect.andThen(later(1), later(0)), Tasks.Tasks, tasks)
      assert.deepStrictEqual(done, [])
      const closing = yield* Effect.forkChild(close)
      yield* TestClock.adjust(10)
      yield* Fiber.join(closing)
      assert.deepStrictEqual(done, [1])
      assert.deepStrictEqual(yield* failures("slow"), { defect: 1 })
    }))

  it("KN-10 a limit that makes no sense is refused when the layer is made", () => {
    for (const limit of [0, 1.5, Number.NaN]) assert.throws(() => Tasks.layer({ limit }), /Tasks: limit must be/)
  })
})

/** Flows that random steps leave: as chains, as programs, and with anything else going wrong beside it. */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, pipe, Schema } from "effect"
import { expectTypeOf } from "vitest"
import { EarlyReturn, Fault, Operation, Processor } from "../../src/index.ts"
import { expectedSequence, Input, observe, processorOf, Stage } from "./support.ts"

describe("laws of flows", () => {
  const Link = Schema.Struct({ stage: Stage, leaves: Schema.Literals([false, false, "value", "expression"]) })
  const Links = Schema.Array(Link).check(Schema.isMinLength(1), Schema.isMaxLength(6))
  /** Typed for a list of unknown length. */
  const chainAll = Processor.chain as unknown as <E>(
    ...stages: ReadonlyArray<Processor.Processor<number, number, E>>
  ) => Processor.Processor<number, number, E>

  it.effect.prop(
    "KN-7 what a stage leaves with is the answer: the stages behind it do not run; any other ending is as without a flow",
    { links: Links, input: Input },
    ({ links, input }) =>
      Effect.gen(function*() {
        const seen = yield* observe(input, (trace) =>
          pipe(
            chainAll(...links.map(({ leaves, stage }, at) => {
              const p = processorOf(trace, `p${at}`, stage)
              if (leaves === "value") return (n: number) => Effect.andThen(p(n), EarlyReturn.leave(`left ${at}`))
              const decide = (n: number) => Effect.map(p(n), EarlyReturn.expression)
              return leaves === "expression"
                ? EarlyReturn.stage((n: number) => Effect.map(decide(n), EarlyReturn.mapReturn(() => "never called")))
                : p
            })),
            EarlyReturn.layer
          ))
        const stop = links.findIndex(({ leaves }) => leaves === "value")
        const reached = stop === -1 ? links : links.slice(0, stop + 1)
        const expected = expectedSequence(reached.map(({ stage }, at) => [`p${at}`, stage]), input)
        assert.deepStrictEqual(
          seen,
          stop !== -1 && typeof expected.outcome === "number" ? { ...expected, outcome: `left ${stop}` } : expected
        )
      }),
    { arbitrary: { runs: 300, size: 40 } }
  )

  it.effect.prop(
    "KN-7 in a flow, either side is the answer",
    { n: Input, isReturn: Schema.Boolean },
    ({ n, isReturn }) =>
      Effect.gen(function*() {
        const either = isReturn ? EarlyReturn.returning(`r${n}`) : EarlyReturn.expression(n)
        const program = Effect.gen(function*() {
          const got = yield* EarlyReturn.orLeave(either)
          yield* EarlyReturn.leaveIf(got % 3 === 0, `left at ${got}`)
          return got * 2
        })
        const expected = isReturn ? `r${n}` : n % 3 === 0 ? `left at ${n}` : n * 2
        assert.strictEqual(yield* EarlyReturn.flow(program), expected)
      })
  )

  it.effect("KN-7 the innermost flow catches", () =>
    Effect.gen(function*() {
      const inner = EarlyReturn.flow(EarlyReturn.leave("inner"))
      assert.strictEqual(
        yield* EarlyReturn.flow(Effect.map(inner, (left) => `outer after ${left}`)),
        "outer after inner"
      )
    }))

  const reasons = {
    leave: (value: number) =>
      Cause.makeFailReason<EarlyReturn.Leaving<number> | string>({ _tag: "EarlyReturn.Leaving", value }),
    fail: () => Cause.makeFailReason("failed"),
    die: () => Cause.makeDieReason("died"),
    interrupt: () => Cause.makeInterruptReason(1)
  }
  it.effect.prop(
    "KN-7 leaving is the answer unless something failed or died beside it; then that is, and nothing of it is lost",
    {
      kinds: Schema.Array(Schema.Literals(["leave", "leave", "fail", "die", "interrupt"])).check(Schema.isMinLength(1))
    },
    ({ kinds }) =>
      Effect.gen(function*() {
        const all = kinds.map((kind, at) => ({ kind, reason: reasons[kind](at) }))
        const program = Effect.failCause(Cause.fromReasons(all.map(({ reason }) => reason)))
        const exit = yield* Effect.exit(EarlyReturn.flow(program))
        const left = kinds.indexOf("leave")
        const others = all.filter(({ kind }) => kind !== "leave").map(({ reason }) => reason)
        assert.deepStrictEqual(
          Exit.isSuccess(exit) ? exit.value : [...exit.cause.reasons],
          left !== -1 && !kinds.includes("fail") && !kinds.includes("die") ? left : others
        )
      })
  )

  it.effect("KN-7 a finalizer that dies is not lost by leaving, and leaving stops what runs beside it", () =>
    Effect.gen(function*() {
      const dying = Effect.onExit(EarlyReturn.leave("left"), () => Effect.die("finalizer"))
      const exit = yield* Effect.exit(EarlyReturn.flow(dying))
      assert.strictEqual(Exit.isFailure(exit) && Fault.kindOf(exit.cause), "defect")
      let isStopped = false
      const endless = Effect.onInterrupt(Effect.never, () => Effect.sync(() => void (isStopped = true)))
      const both = Effect.all([endless, Effect.andThen(Effect.yieldNow, EarlyReturn.leave("left"))], {
        concurrency: "unbounded"
      })
      assert.strictEqual(yield* EarlyReturn.flow(both), "left")
      assert.isTrue(isStopped)
    }))

  it("KN-7 leaving shows in the type until a flow takes it off; without one an operation does not take it", () => {
    class Touch extends Operation.define<Touch>()("Touch", { input: {}, output: Schema.String }) {}
    const touch = (_: Touch) => Effect.as(EarlyReturn.leaveIf(true, "left"), "touched")
    expectTypeOf(touch).returns.toEqualTypeOf<Effect.Effect<string, EarlyReturn.Leaving<string>>>()
    // @ts-expect-error somebody leaves, and no flow is around
    Processor.on(Touch, touch)
    Processor.on(Touch, EarlyReturn.layer(touch))
    const mixed = (n: number) =>
      Effect.gen(function*() {
        if (n < 0) yield* new Fault.Invariant({ reason: "negative" })
        yield* EarlyReturn.leaveIf(n === 0, "nothing to do")
        return n
      }).pipe(EarlyReturn.flow)
    expectTypeOf(mixed).returns.toEqualTypeOf<Effect.Effect<string | number, Fault.Invariant>>()
  })
})

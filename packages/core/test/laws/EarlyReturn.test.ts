/** The laws of the two sides, with random values and functions, and of flows that somebody leaves. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, identity, Option, pipe, Result, Schema } from "effect"
import { expectTypeOf } from "vitest"
import { EarlyReturn, Fault, Operation, Processor } from "../../src/index.ts"
import { expectedSequence, Input, type Numbers, observe, processorOf, Stage } from "./support.ts"

type Either = EarlyReturn.EarlyReturn<string, number>

const Value = Schema.Struct({ isReturn: Schema.Boolean, value: Input })
const sideOf = ({ isReturn, value }: typeof Value.Type): Either =>
  isReturn ? EarlyReturn.returning(`r${value}`) : EarlyReturn.expression(value)

/** A random function, a random step that may leave, as data. */
const Step = Schema.Struct({
  by: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 9 })),
  leavesAt: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2 }))
})
const fnOf = ({ by }: typeof Step.Type) => (n: number) => n * 2 + by
const stepOf = (step: typeof Step.Type) => (n: number): Either =>
  n % 3 === step.leavesAt ? EarlyReturn.returning(`left at ${n}`) : EarlyReturn.expression(fnOf(step)(n))

const never = (): never => {
  throw new Error("a function of the other side was called")
}
const nobody = (_: number): Effect.Effect<number> => never()
const nobodyEither = (_: number): Effect.Effect<Either> => never()

describe("laws of early returns", () => {
  it.prop("KN-7 exactly one side is there, and swapping twice changes nothing", { side: Value }, ({ side }) => {
    const one = sideOf(side)
    assert.strictEqual(Option.isSome(EarlyReturn.getExpression(one)), !side.isReturn)
    assert.strictEqual(Option.isSome(EarlyReturn.getReturn(one)), side.isReturn)
    assert.deepStrictEqual(EarlyReturn.getReturn(EarlyReturn.swap(one)), EarlyReturn.getExpression(one))
    assert.deepStrictEqual(EarlyReturn.swap(EarlyReturn.swap(one)), one)
    const both = { onExpression: (n: number) => n, onReturn: (text: string) => text }
    const value = EarlyReturn.match(one, both)
    assert.strictEqual(value, side.isReturn ? `r${side.value}` : side.value)
    assert.strictEqual(EarlyReturn.expressionOr(one, identity), value)
    assert.strictEqual(EarlyReturn.returnOr(one, identity), value)
    return true
  })

  it.effect.prop(
    "KN-7 a function of one side is never called for the other",
    { value: Input },
    ({ value }) =>
      Effect.gen(function*() {
        const left = EarlyReturn.returning(value)
        const going = EarlyReturn.expression(value)
        assert.deepStrictEqual(EarlyReturn.map(left, never), left)
        assert.deepStrictEqual(EarlyReturn.flatMap(left, never), left)
        assert.deepStrictEqual(EarlyReturn.tryMap(left, never), left)
        assert.deepStrictEqual(EarlyReturn.mapReturn(going, never), going)
        assert.strictEqual(EarlyReturn.expressionOr(going, never), value)
        assert.strictEqual(EarlyReturn.returnOr(left, never), value)
        assert.strictEqual(EarlyReturn.match(going, { onExpression: identity, onReturn: never }), value)
        assert.strictEqual(EarlyReturn.match(left, { onExpression: never, onReturn: identity }), value)
        assert.deepStrictEqual(yield* EarlyReturn.process(left, nobody), left)
        assert.deepStrictEqual(yield* EarlyReturn.processFlatMap(left, nobodyEither), left)
        assert.deepStrictEqual(yield* EarlyReturn.tryProcess(left, nobody), left)
      })
  )

  it.prop(
    "KN-7 map is a functor, flatMap a monad",
    { side: Value, first: Step, second: Step, value: Input },
    ({ side, first, second, value }) => {
      const one = sideOf(side)
      const f = fnOf(first)
      const g = fnOf(second)
      const k = stepOf(first)
      const h = stepOf(second)
      assert.deepStrictEqual(EarlyReturn.map(one, identity), one)
      assert.deepStrictEqual(pipe(one, EarlyReturn.map(f), EarlyReturn.map(g)), EarlyReturn.map(one, (n) => g(f(n))))
      assert.deepStrictEqual(EarlyReturn.flatMap(EarlyReturn.expression(value), k), k(value))
      assert.deepStrictEqual(EarlyReturn.flatMap(one, EarlyReturn.expression), one)
      assert.deepStrictEqual(
        pipe(one, EarlyReturn.flatMap(k), EarlyReturn.flatMap(h)),
        EarlyReturn.flatMap(one, (n) => EarlyReturn.flatMap(k(n), h))
      )
      assert.deepStrictEqual(EarlyReturn.flatMap(one, k), EarlyReturn.flatten(EarlyReturn.map(one, k)))
      const shout = (text: string) => `${text}!`
      assert.deepStrictEqual(
        EarlyReturn.mapReturn(one, shout),
        pipe(one, EarlyReturn.swap, EarlyReturn.map(shout), EarlyReturn.swap)
      )
      return true
    }
  )

  it.prop("KN-7 success goes on, failure leaves", { side: Value, step: Step }, ({ side, step }) => {
    const result = side.isReturn ? Result.fail(`r${side.value}`) : Result.succeed(side.value)
    assert.deepStrictEqual(EarlyReturn.fromResult(result), sideOf(side))
    const half = (n: number) => n % 2 === 0 ? Result.succeed(n / 2) : Result.fail("odd")
    const start = stepOf(step)(side.value)
    assert.deepStrictEqual(
      pipe(start, EarlyReturn.tryMap(half)),
      EarlyReturn.flatMap(start, (n) => EarlyReturn.mapReturn(EarlyReturn.fromResult(half(n)), Result.fail))
    )
    return true
  })

  it.effect.prop(
    "KN-7 a processor over the expression acts as it does on its own",
    { side: Value, stage: Stage },
    ({ side, stage }) =>
      Effect.gen(function*() {
        const one = sideOf(side)
        const opened = (build: (p: Numbers) => Processor.Processor<number, unknown, string>) =>
          observe(side.value, (trace) => build(processorOf(trace, "p", stage)))
        const alone = yield* opened((p) => (n) => side.isReturn ? Effect.succeed(`r${n}`) : p(n))
        const value = EarlyReturn.match({ onExpression: (n: unknown) => n, onReturn: (r: unknown) => r })
        assert.deepStrictEqual(yield* opened((p) => () => Effect.map(EarlyReturn.process(one, p), value)), alone)
        const leaving = (p: Numbers) => (n: number) => Effect.map(p(n), EarlyReturn.returning)
        assert.deepStrictEqual(
          yield* opened((p) => () => Effect.map(EarlyReturn.processFlatMap(one, leaving(p)), value)),
          alone
        )
        const tried = yield* opened((p) => () => Effect.map(EarlyReturn.tryProcess(one, p), value))
        assert.deepStrictEqual(
          tried,
          side.isReturn || stage.ends !== "fail" ? alone : { ...alone, outcome: Result.fail("p failed") }
        )
      }),
    { arbitrary: { runs: 300, size: 40 } }
  )

  it("KN-7 unwrapping compiles only where one side is impossible", () => {
    const either: Either = EarlyReturn.expression(1)
    // @ts-expect-error both sides are possible
    EarlyReturn.safeUnwrap(either)
    expectTypeOf(EarlyReturn.safeUnwrap(EarlyReturn.expression(1))).toEqualTypeOf<number>()
    expectTypeOf(EarlyReturn.safeUnwrap(EarlyReturn.returning("r"))).toEqualTypeOf<string>()
  })
})

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
                ? EarlyReturn.stage((n: number) => Effect.map(decide(n), EarlyReturn.mapReturn(never)))
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
    { side: Value, step: Step },
    ({ side, step }) =>
      Effect.gen(function*() {
        const program = Effect.gen(function*() {
          const n = yield* EarlyReturn.orLeave(sideOf(side))
          yield* EarlyReturn.leaveIf(n % 3 === step.leavesAt, `left at ${n}`)
          return fnOf(step)(n)
        })
        const expected = EarlyReturn.flatMap(sideOf(side), stepOf(step))
        assert.strictEqual(yield* EarlyReturn.flow(program), expected.value)
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

  it.effect("KN-7 what goes wrong beside leaving is not lost, and branches it stopped are", () =>
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

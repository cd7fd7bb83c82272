/** The laws of the two sides, with random values and functions. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, identity, Option, pipe, Result, Schema } from "effect"
import { expectTypeOf } from "vitest"
import { EarlyReturn, type Processor } from "../../src/index.ts"
import { Input, type Numbers, observe, processorOf, Stage } from "./support.ts"

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

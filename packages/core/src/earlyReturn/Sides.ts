/** The two sides: making one, and reading what is there. */
import { Option, Result } from "effect"
import { dual } from "effect/Function"

/** A value to go on with, or a value to leave with. Never both, never neither. */
export type EarlyReturn<Ret, Expr> = Return<Ret> | Expression<Expr>

/** The side to go on with. */
export interface Expression<out Expr> {
  readonly _tag: "Expression"
  readonly value: Expr
}

/** The side to leave with. */
export interface Return<out Value> {
  readonly _tag: "Return"
  readonly value: Value
}

/**
 * A value to go on with.
 *
 * @example
 * ```ts
 * import { EarlyReturn } from "@kanau/core"
 *
 * EarlyReturn.expression(1) // => { _tag: "Expression", value: 1 }
 * ```
 */
export const expression = <Expr>(value: Expr): EarlyReturn<never, Expr> => ({ _tag: "Expression", value })

/**
 * A value to leave with.
 *
 * @example
 * ```ts
 * import { EarlyReturn } from "@kanau/core"
 *
 * EarlyReturn.returning("nothing to do") // => { _tag: "Return", value: "nothing to do" }
 * ```
 */
export const returning = <Value>(value: Value): EarlyReturn<Value, never> => ({ _tag: "Return", value })

/**
 * Goes on with a success, leaves with a failure.
 *
 * @example
 * ```ts
 * import { EarlyReturn } from "@kanau/core"
 * import { Result } from "effect"
 *
 * EarlyReturn.fromResult(Result.succeed(1)) // => { _tag: "Expression", value: 1 }
 * EarlyReturn.fromResult(Result.fail("no")) // => { _tag: "Return", value: "no" }
 * ```
 */
export const fromResult = <A, E>(result: Result.Result<A, E>): EarlyReturn<E, A> =>
  Result.isSuccess(result) ? expression(result.success) : returning(result.failure)

/**
 * One answer out of either side.
 *
 * @example
 * ```ts
 * import { EarlyReturn } from "@kanau/core"
 *
 * const say = EarlyReturn.match({ onExpression: (n: number) => `go on with ${n}`, onReturn: (why: string) => why })
 * say(EarlyReturn.expression(1)) // => "go on with 1"
 * say(EarlyReturn.returning("done")) // => "done"
 * ```
 */
export const match: {
  <Ret, Expr, A, B>(
    sides: { readonly onExpression: (value: Expr) => A; readonly onReturn: (value: Ret) => B }
  ): (self: EarlyReturn<Ret, Expr>) => A | B
  <Ret, Expr, A, B>(
    self: EarlyReturn<Ret, Expr>,
    sides: { readonly onExpression: (value: Expr) => A; readonly onReturn: (value: Ret) => B }
  ): A | B
} = dual(
  2,
  <Ret, Expr, A, B>(
    self: EarlyReturn<Ret, Expr>,
    sides: { readonly onExpression: (value: Expr) => A; readonly onReturn: (value: Ret) => B }
  ): A | B => self._tag === "Expression" ? sides.onExpression(self.value) : sides.onReturn(self.value)
)

/**
 * The value to go on with, if it is that side.
 *
 * @example
 * ```ts
 * import { EarlyReturn } from "@kanau/core"
 * import { Option } from "effect"
 *
 * EarlyReturn.getExpression(EarlyReturn.expression(1)) // => Option.some(1)
 * EarlyReturn.getExpression(EarlyReturn.returning("done")) // => Option.none()
 * ```
 */
export const getExpression = <Ret, Expr>(self: EarlyReturn<Ret, Expr>): Option.Option<Expr> =>
  self._tag === "Expression" ? Option.some(self.value) : Option.none()

/**
 * The value to leave with, if it is that side.
 *
 * @example
 * ```ts
 * import { EarlyReturn } from "@kanau/core"
 * import { Option } from "effect"
 *
 * EarlyReturn.getReturn(EarlyReturn.returning("done")) // => Option.some("done")
 * EarlyReturn.getReturn(EarlyReturn.expression(1)) // => Option.none()
 * ```
 */
export const getReturn = <Ret, Expr>(self: EarlyReturn<Ret, Expr>): Option.Option<Ret> => getExpression(swap(self))

/**
 * The value to go on with, or else what `fallback` makes of the other one.
 *
 * @example
 * ```ts
 * import { EarlyReturn } from "@kanau/core"
 *
 * EarlyReturn.expressionOr(EarlyReturn.expression(1), () => 0) // => 1
 * EarlyReturn.expressionOr(EarlyReturn.returning("done"), (why) => why.length) // => 4
 * ```
 */
export const expressionOr: {
  <Ret, B>(fallback: (value: Ret) => B): <Expr>(self: EarlyReturn<Ret, Expr>) => Expr | B
  <Ret, Expr, B>(self: EarlyReturn<Ret, Expr>, fallback: (value: Ret) => B): Expr | B
} = dual(
  2,
  <Ret, Expr, B>(self: EarlyReturn<Ret, Expr>, fallback: (value: Ret) => B): Expr | B =>
    self._tag === "Expression" ? self.value : fallback(self.value)
)

/**
 * The value to leave with, or else what `fallback` makes of the other one.
 *
 * @example
 * ```ts
 * import { EarlyReturn } from "@kanau/core"
 *
 * EarlyReturn.returnOr(EarlyReturn.returning("done"), () => "") // => "done"
 * EarlyReturn.returnOr(EarlyReturn.expression(1), (n) => `went on with ${n}`) // => "went on with 1"
 * ```
 */
export const returnOr: {
  <Expr, B>(fallback: (value: Expr) => B): <Ret>(self: EarlyReturn<Ret, Expr>) => Ret | B
  <Ret, Expr, B>(self: EarlyReturn<Ret, Expr>, fallback: (value: Expr) => B): Ret | B
} = dual(
  2,
  <Ret, Expr, B>(self: EarlyReturn<Ret, Expr>, fallback: (value: Expr) => B): Ret | B =>
    expressionOr(swap(self), fallback)
)

/**
 * What was to go on leaves, and the other way round.
 *
 * @example
 * ```ts
 * import { EarlyReturn } from "@kanau/core"
 *
 * EarlyReturn.swap(EarlyReturn.expression(1)) // => { _tag: "Return", value: 1 }
 * ```
 */
export const swap = <Ret, Expr>(self: EarlyReturn<Ret, Expr>): EarlyReturn<Expr, Ret> =>
  self._tag === "Expression" ? returning(self.value) : expression(self.value)

/**
 * The value, where only one side is possible; anything else does not compile.
 *
 * @example
 * ```ts
 * import { EarlyReturn } from "@kanau/core"
 *
 * EarlyReturn.safeUnwrap(EarlyReturn.expression(1)) // => 1
 * EarlyReturn.safeUnwrap(EarlyReturn.returning("done")) // => "done"
 * ```
 */
export const safeUnwrap: {
  <Expr>(self: EarlyReturn<never, Expr>): Expr
  <Ret>(self: EarlyReturn<Ret, never>): Ret
} = <A>(self: EarlyReturn<A, A>): A => self.value

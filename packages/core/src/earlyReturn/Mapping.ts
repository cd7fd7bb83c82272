/** Going on: functions and processors over the expression. A return passes by, and none of them is called. */
import { Effect, identity, Result } from "effect"
import { dual } from "effect/Function"
import { invoke } from "../internal/invoke.ts"
import type { Processor } from "../processor/Types.ts"
import { type EarlyReturn, expression, returning, swap } from "./Sides.ts"

/**
 * Changes the value to go on with.
 *
 * @example
 * ```ts
 * import { EarlyReturn } from "@kanau/core"
 *
 * EarlyReturn.map(EarlyReturn.expression(1), (n) => n + 1) // => { _tag: "Expression", value: 2 }
 * EarlyReturn.map(EarlyReturn.returning("done"), (n) => n + 1) // => { _tag: "Return", value: "done" }
 * ```
 */
export const map: {
  <A, B>(f: (value: A) => B): <Ret>(self: EarlyReturn<Ret, A>) => EarlyReturn<Ret, B>
  <Ret, A, B>(self: EarlyReturn<Ret, A>, f: (value: A) => B): EarlyReturn<Ret, B>
} = dual(
  2,
  <Ret, A, B>(self: EarlyReturn<Ret, A>, f: (value: A) => B): EarlyReturn<Ret, B> =>
    self._tag === "Expression" ? expression(f(self.value)) : self
)

/**
 * Changes the value to leave with.
 *
 * @example
 * ```ts
 * import { EarlyReturn } from "@kanau/core"
 *
 * EarlyReturn.mapReturn(EarlyReturn.returning("done"), (why) => why.length) // => { _tag: "Return", value: 4 }
 * EarlyReturn.mapReturn(EarlyReturn.expression(1), () => 4) // => { _tag: "Expression", value: 1 }
 * ```
 */
export const mapReturn: {
  <Ret, Ret2>(f: (value: Ret) => Ret2): <A>(self: EarlyReturn<Ret, A>) => EarlyReturn<Ret2, A>
  <Ret, A, Ret2>(self: EarlyReturn<Ret, A>, f: (value: Ret) => Ret2): EarlyReturn<Ret2, A>
} = dual(
  2,
  <Ret, A, Ret2>(self: EarlyReturn<Ret, A>, f: (value: Ret) => Ret2): EarlyReturn<Ret2, A> => swap(map(swap(self), f))
)

/**
 * Goes on with a step that may leave as well.
 *
 * @example
 * ```ts
 * import { EarlyReturn } from "@kanau/core"
 *
 * const half = (n: number) => n % 2 === 0 ? EarlyReturn.expression(n / 2) : EarlyReturn.returning("odd")
 * EarlyReturn.flatMap(half(6), half) // => { _tag: "Return", value: "odd" }
 * EarlyReturn.flatMap(half(8), half) // => { _tag: "Expression", value: 2 }
 * ```
 */
export const flatMap: {
  <A, Ret2, B>(f: (value: A) => EarlyReturn<Ret2, B>): <Ret>(self: EarlyReturn<Ret, A>) => EarlyReturn<Ret | Ret2, B>
  <Ret, A, Ret2, B>(self: EarlyReturn<Ret, A>, f: (value: A) => EarlyReturn<Ret2, B>): EarlyReturn<Ret | Ret2, B>
} = dual(
  2,
  <Ret, A, Ret2, B>(self: EarlyReturn<Ret, A>, f: (value: A) => EarlyReturn<Ret2, B>): EarlyReturn<Ret | Ret2, B> =>
    self._tag === "Expression" ? f(self.value) : self
)

/**
 * One level out of two.
 *
 * @example
 * ```ts
 * import { EarlyReturn } from "@kanau/core"
 *
 * EarlyReturn.flatten(EarlyReturn.expression(EarlyReturn.expression(1))) // => { _tag: "Expression", value: 1 }
 * EarlyReturn.flatten(EarlyReturn.expression(EarlyReturn.returning("done"))) // => { _tag: "Return", value: "done" }
 * ```
 */
export const flatten = <Ret, Ret2, A>(
  self: EarlyReturn<Ret, EarlyReturn<Ret2, A>>
): EarlyReturn<Ret | Ret2, A> => flatMap(self, identity)

/**
 * Goes on with a step that may fail; its failure is left with, as a `Result`. What `?` does in a function that returns
 * a `Result`.
 *
 * @example
 * ```ts
 * import { EarlyReturn } from "@kanau/core"
 * import { Result } from "effect"
 *
 * const half = (n: number) => n % 2 === 0 ? Result.succeed(n / 2) : Result.fail("odd")
 * EarlyReturn.tryMap(EarlyReturn.expression(2), half) // => { _tag: "Expression", value: 1 }
 * EarlyReturn.tryMap(EarlyReturn.expression(1), half) // => { _tag: "Return", value: Result.fail("odd") }
 * ```
 */
export const tryMap: {
  <A, B, E>(
    f: (value: A) => Result.Result<B, E>
  ): <Ret>(self: EarlyReturn<Ret, A>) => EarlyReturn<Ret | Result.Result<never, E>, B>
  <Ret, A, B, E>(
    self: EarlyReturn<Ret, A>,
    f: (value: A) => Result.Result<B, E>
  ): EarlyReturn<Ret | Result.Result<never, E>, B>
} = dual(
  2,
  <Ret, A, B, E>(
    self: EarlyReturn<Ret, A>,
    f: (value: A) => Result.Result<B, E>
  ): EarlyReturn<Ret | Result.Result<never, E>, B> => flatMap(self, (value) => leavingOnFailure(f(value)))
)

/**
 * Runs a processor over the value to go on with. Its error is the error of the effect.
 *
 * @example
 * ```ts
 * import { EarlyReturn } from "@kanau/core"
 * import { Effect } from "effect"
 *
 * const double = (n: number) => Effect.succeed(n * 2)
 * Effect.runSync(EarlyReturn.process(EarlyReturn.expression(2), double)) // => { _tag: "Expression", value: 4 }
 * ```
 */
export const process: {
  <A, B, E, R>(
    processor: Processor<A, B, E, R>
  ): <Ret>(self: EarlyReturn<Ret, A>) => Effect.Effect<EarlyReturn<Ret, B>, E, R>
  <Ret, A, B, E, R>(
    self: EarlyReturn<Ret, A>,
    processor: Processor<A, B, E, R>
  ): Effect.Effect<EarlyReturn<Ret, B>, E, R>
} = dual(
  2,
  <Ret, A, B, E, R>(
    self: EarlyReturn<Ret, A>,
    processor: Processor<A, B, E, R>
  ): Effect.Effect<EarlyReturn<Ret, B>, E, R> =>
    self._tag === "Expression" ? Effect.map(invoke(processor, self.value), expression) : Effect.succeed(self)
)

/**
 * Runs a processor that may leave over the value to go on with.
 *
 * @example
 * ```ts
 * import { EarlyReturn } from "@kanau/core"
 * import { Effect } from "effect"
 *
 * const half = (n: number) =>
 *   Effect.succeed(n % 2 === 0 ? EarlyReturn.expression(n / 2) : EarlyReturn.returning("odd"))
 * Effect.runSync(EarlyReturn.processFlatMap(EarlyReturn.expression(1), half)) // => { _tag: "Return", value: "odd" }
 * ```
 */
export const processFlatMap: {
  <A, Ret2, B, E, R>(
    processor: Processor<A, EarlyReturn<Ret2, B>, E, R>
  ): <Ret>(self: EarlyReturn<Ret, A>) => Effect.Effect<EarlyReturn<Ret | Ret2, B>, E, R>
  <Ret, A, Ret2, B, E, R>(
    self: EarlyReturn<Ret, A>,
    processor: Processor<A, EarlyReturn<Ret2, B>, E, R>
  ): Effect.Effect<EarlyReturn<Ret | Ret2, B>, E, R>
} = dual(
  2,
  <Ret, A, Ret2, B, E, R>(
    self: EarlyReturn<Ret, A>,
    processor: Processor<A, EarlyReturn<Ret2, B>, E, R>
  ): Effect.Effect<EarlyReturn<Ret | Ret2, B>, E, R> => Effect.map(process(self, processor), flatten)
)

/**
 * Runs a processor over the value to go on with; its error is left with, as a `Result`, and the effect does not fail.
 *
 * @example
 * ```ts
 * import { EarlyReturn } from "@kanau/core"
 * import { Effect, Result } from "effect"
 *
 * const find = (id: string) => id === "n1" ? Effect.succeed("hello") : Effect.fail(`no ${id}`)
 * Effect.runSync(EarlyReturn.tryProcess(EarlyReturn.expression("n1"), find)) // => { _tag: "Expression", value: "hello" }
 * const missing = Effect.runSync(EarlyReturn.tryProcess(EarlyReturn.expression("n2"), find))
 * missing // => { _tag: "Return", value: Result.fail("no n2") }
 * ```
 */
export const tryProcess: {
  <A, B, E, R>(
    processor: Processor<A, B, E, R>
  ): <Ret>(self: EarlyReturn<Ret, A>) => Effect.Effect<EarlyReturn<Ret | Result.Result<never, E>, B>, never, R>
  <Ret, A, B, E, R>(
    self: EarlyReturn<Ret, A>,
    processor: Processor<A, B, E, R>
  ): Effect.Effect<EarlyReturn<Ret | Result.Result<never, E>, B>, never, R>
} = dual(
  2,
  <Ret, A, B, E, R>(
    self: EarlyReturn<Ret, A>,
    processor: Processor<A, B, E, R>
  ): Effect.Effect<EarlyReturn<Ret | Result.Result<never, E>, B>, never, R> =>
    processFlatMap(self, (value) => Effect.map(Effect.result(invoke(processor, value)), leavingOnFailure))
)

/** Goes on with a success, leaves with the failed `Result` itself. */
const leavingOnFailure = <A, E>(result: Result.Result<A, E>): EarlyReturn<Result.Result<never, E>, A> =>
  Result.match(result, { onSuccess: expression, onFailure: (error) => returning(Result.fail(error)) })

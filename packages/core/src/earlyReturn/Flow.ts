/** Programs and processors that leave early. */
import { Cause, Effect } from "effect"
import { layered } from "../internal/shape.ts"
import type { Processor } from "../processor/Types.ts"
import type { EarlyReturn } from "./Sides.ts"

/** Somebody wants to leave with this value; {@link flow} lets them. No fault: it has no kind. */
export interface Leaving<out Value> {
  readonly _tag: "EarlyReturn.Leaving"
  readonly value: Value
}

/** What the steps of a program leave with, from the errors of the program. */
export type Returned<E> = E extends Leaving<infer Value> ? Value : never

/**
 * Leaves the flow around it with a value.
 *
 * @example
 * ```ts
 * import { EarlyReturn } from "@kanau/core"
 * import { Effect } from "effect"
 *
 * const hook = Effect.gen(function*() {
 *   yield* EarlyReturn.leave("nothing to do")
 *   return "done"
 * })
 * Effect.runSync(EarlyReturn.flow(hook)) // => "nothing to do"
 * ```
 */
export const leave = <Value>(value: Value): Effect.Effect<never, Leaving<Value>> =>
  Effect.fail({ _tag: "EarlyReturn.Leaving", value })

/**
 * Leaves the flow around it with a value if the condition holds.
 *
 * @example
 * ```ts
 * import { EarlyReturn } from "@kanau/core"
 * import { Effect } from "effect"
 *
 * const notify = (followers: number) =>
 *   Effect.gen(function*() {
 *     yield* EarlyReturn.leaveIf(followers === 0, "nobody to tell")
 *     return `told ${followers}`
 *   }).pipe(EarlyReturn.flow)
 * Effect.runSync(notify(0)) // => "nobody to tell"
 * Effect.runSync(notify(3)) // => "told 3"
 * ```
 */
export const leaveIf = <Value>(condition: boolean, value: Value): Effect.Effect<void, Leaving<Value>> =>
  condition ? leave(value) : Effect.void

/**
 * Goes on with an expression, leaves with a return.
 *
 * @example
 * ```ts
 * import { EarlyReturn } from "@kanau/core"
 * import { Effect } from "effect"
 *
 * const half = (n: number) => n % 2 === 0 ? EarlyReturn.expression(n / 2) : EarlyReturn.returning("odd")
 * const quarter = (n: number) =>
 *   Effect.gen(function*() {
 *     const once = yield* EarlyReturn.orLeave(half(n))
 *     return yield* EarlyReturn.orLeave(half(once))
 *   }).pipe(EarlyReturn.flow)
 * Effect.runSync(quarter(8)) // => 2
 * Effect.runSync(quarter(6)) // => "odd"
 * ```
 */
export const orLeave = <Ret, Expr>(self: EarlyReturn<Ret, Expr>): Effect.Effect<Expr, Leaving<Ret>> =>
  self._tag === "Expression" ? Effect.succeed(self.value) : leave(self.value)

/**
 * Runs a program in which a step may leave early: what it left with is the answer. Errors, defects and interruption
 * pass through, also when they happen beside leaving (a finalizer that dies, another branch that fails).
 *
 * @example
 * ```ts
 * import { EarlyReturn } from "@kanau/core"
 * import { Effect } from "effect"
 *
 * const program = Effect.andThen(EarlyReturn.leaveIf(true, "early"), Effect.succeed("late"))
 * Effect.runSync(EarlyReturn.flow(program)) // => "early"
 * ```
 */
export const flow = <A, E, R>(
  program: Effect.Effect<A, E, R>
): Effect.Effect<A | Returned<E>, Exclude<E, Leaving<unknown>>, R> =>
  Effect.catchCause(program, (cause) => {
    const others = cause.reasons.filter((reason) => !isLeaving(reason))
    const left = cause.reasons.find(isLeaving)
    return left !== undefined && others.every(Cause.isInterruptReason)
      // What is left of the others was interrupted because of leaving.
      ? Effect.succeed(left.error.value)
      : Effect.failCause(Cause.fromReasons(others as ReadonlyArray<Cause.Reason<Exclude<E, Leaving<unknown>>>>))
  })

/**
 * {@link flow} as a layer around a processor, for instance around a chain of which a {@link stage} may leave.
 *
 * @example
 * ```ts
 * import { EarlyReturn, Processor } from "@kanau/core"
 * import { Effect, pipe } from "effect"
 *
 * const onRenamed = pipe(
 *   Processor.chain(
 *     (name: { before: string; after: string }) =>
 *       Effect.as(EarlyReturn.leaveIf(name.before === name.after, "unchanged"), name.after),
 *     (name) => Effect.succeed(`search now finds ${name}`)
 *   ),
 *   EarlyReturn.layer
 * )
 * Effect.runSync(onRenamed({ before: "a", after: "a" })) // => "unchanged"
 * Effect.runSync(onRenamed({ before: "a", after: "b" })) // => "search now finds b"
 * ```
 */
export const layer = <In, Out, Err, Req>(
  next: Processor<In, Out, Err, Req>
): Processor<In, Out | Returned<Err>, Exclude<Err, Leaving<unknown>>, Req> =>
  layered("earlyReturn", {}, next, (input) => flow(next(input)))

/**
 * Makes a processor that answers with an {@link EarlyReturn} a stage of a chain: the next stage gets the expression,
 * and a return leaves the chain.
 *
 * @example
 * ```ts
 * import { EarlyReturn, Processor } from "@kanau/core"
 * import { Effect, pipe } from "effect"
 *
 * const decide = (n: number) =>
 *   Effect.succeed(n > 0 ? EarlyReturn.expression(n) : EarlyReturn.returning("nothing to do"))
 * const act = (n: number) => Effect.succeed(`did ${n}`)
 * const hook = pipe(Processor.chain(EarlyReturn.stage(decide), act), EarlyReturn.layer)
 * Effect.runSync(hook(0)) // => "nothing to do"
 * Effect.runSync(hook(2)) // => "did 2"
 * ```
 */
export const stage = <In, Ret, Expr, Err, Req>(
  decide: Processor<In, EarlyReturn<Ret, Expr>, Err, Req>
): Processor<In, Expr, Err | Leaving<Ret>, Req> =>
  layered("mayLeave", {}, decide, (input) => Effect.flatMap(decide(input), orLeave))

const isLeaving = <E>(reason: Cause.Reason<E>): reason is Cause.Fail<E & Leaving<Returned<E>>> =>
  Cause.isFailReason(reason) && typeof reason.error === "object" && reason.error !== null && "_tag" in reason.error &&
  reason.error._tag === "EarlyReturn.Leaving"

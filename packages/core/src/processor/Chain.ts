/** Processors one after the other. */
import { Effect } from "effect"
import { chained } from "../internal/shape.ts"
import type { Processor } from "./Types.ts"

/**
 * Returns its input. The unit of {@link chain}.
 *
 * @example
 * ```ts
 * import { Processor } from "@kanau/core"
 * import { Effect } from "effect"
 *
 * Effect.runSync(Processor.identity<string>()("as it came")) // => "as it came"
 * ```
 */
export const identity = <In>(): Processor<In, In> => Effect.succeed

/**
 * Runs processors in sequence, up to eight: each gets the output of the one before, the first error ends the chain and
 * is its error. How a long chain is grouped into smaller ones makes no difference.
 *
 * @example
 * ```ts
 * import { Processor } from "@kanau/core"
 * import { Effect } from "effect"
 *
 * const trim = (name: string) => Effect.succeed(name.trim())
 * const greet = (name: string) => name === "" ? Effect.fail("nobody" as const) : Effect.succeed(`Hello, ${name}!`)
 * const welcome = Processor.chain(trim, greet)
 * Effect.runSync(welcome(" Ada ")) // => "Hello, Ada!"
 * Effect.runSync(Effect.flip(welcome(" "))) // => "nobody"
 * ```
 */
export const chain: {
  <A, B, E1, R1>(first: Processor<A, B, E1, R1>): Processor<A, B, E1, R1>
  <A, B, E1, R1, C, E2, R2>(first: Processor<A, B, E1, R1>, second: Processor<Given<B>, C, E2, R2>): Processor<
    A,
    C,
    E1 | E2,
    R1 | R2
  >
  <A, B, E1, R1, C, E2, R2, D, E3, R3>(
    first: Processor<A, B, E1, R1>,
    second: Processor<Given<B>, C, E2, R2>,
    third: Processor<Given<C>, D, E3, R3>
  ): Processor<A, D, E1 | E2 | E3, R1 | R2 | R3>
  <A, B, E1, R1, C, E2, R2, D, E3, R3, F, E4, R4>(
    first: Processor<A, B, E1, R1>,
    second: Processor<Given<B>, C, E2, R2>,
    third: Processor<Given<C>, D, E3, R3>,
    fourth: Processor<Given<D>, F, E4, R4>
  ): Processor<A, F, E1 | E2 | E3 | E4, R1 | R2 | R3 | R4>
  <A, B, E1, R1, C, E2, R2, D, E3, R3, F, E4, R4, G, E5, R5>(
    first: Processor<A, B, E1, R1>,
    second: Processor<Given<B>, C, E2, R2>,
    third: Processor<Given<C>, D, E3, R3>,
    fourth: Processor<Given<D>, F, E4, R4>,
    fifth: Processor<Given<F>, G, E5, R5>
  ): Processor<A, G, E1 | E2 | E3 | E4 | E5, R1 | R2 | R3 | R4 | R5>
  <A, B, E1, R1, C, E2, R2, D, E3, R3, F, E4, R4, G, E5, R5, H, E6, R6>(
    first: Processor<A, B, E1, R1>,
    second: Processor<Given<B>, C, E2, R2>,
    third: Processor<Given<C>, D, E3, R3>,
    fourth: Processor<Given<D>, F, E4, R4>,
    fifth: Processor<Given<F>, G, E5, R5>,
    sixth: Processor<Given<G>, H, E6, R6>
  ): Processor<A, H, E1 | E2 | E3 | E4 | E5 | E6, R1 | R2 | R3 | R4 | R5 | R6>
  <A, B, E1, R1, C, E2, R2, D, E3, R3, F, E4, R4, G, E5, R5, H, E6, R6, I, E7, R7>(
    first: Processor<A, B, E1, R1>,
    second: Processor<Given<B>, C, E2, R2>,
    third: Processor<Given<C>, D, E3, R3>,
    fourth: Processor<Given<D>, F, E4, R4>,
    fifth: Processor<Given<F>, G, E5, R5>,
    sixth: Processor<Given<G>, H, E6, R6>,
    seventh: Processor<Given<H>, I, E7, R7>
  ): Processor<A, I, E1 | E2 | E3 | E4 | E5 | E6 | E7, R1 | R2 | R3 | R4 | R5 | R6 | R7>
  <A, B, E1, R1, C, E2, R2, D, E3, R3, F, E4, R4, G, E5, R5, H, E6, R6, I, E7, R7, J, E8, R8>(
    first: Processor<A, B, E1, R1>,
    second: Processor<Given<B>, C, E2, R2>,
    third: Processor<Given<C>, D, E3, R3>,
    fourth: Processor<Given<D>, F, E4, R4>,
    fifth: Processor<Given<F>, G, E5, R5>,
    sixth: Processor<Given<G>, H, E6, R6>,
    seventh: Processor<Given<H>, I, E7, R7>,
    eighth: Processor<Given<I>, J, E8, R8>
  ): Processor<A, J, E1 | E2 | E3 | E4 | E5 | E6 | E7 | E8, R1 | R2 | R3 | R4 | R5 | R6 | R7 | R8>
} = (...stages: ReadonlyArray<Stage>): Stage =>
  chained(stages, stages.reduce((whole, stage) => (input) => Effect.flatMap(whole(input), stage)))

/**
 * What the stage before gives. The same type as `B`; written as a condition, it counts less when the compiler infers
 * `B` than what that stage really gives. So the error of a stage that does not fit stands at that stage.
 */
type Given<B> = [B] extends [unknown] ? B : never

/** A stage whose types the signatures of {@link chain} have checked. */
type Stage = Processor<unknown, unknown, unknown, unknown>

/**
 * {@link chain} of two, for `pipe`. It is not called `then`, because a module with an export of that name is taken for
 * a promise by whoever imports it with `import()`.
 *
 * @example
 * ```ts
 * import { Processor } from "@kanau/core"
 * import { Effect, pipe } from "effect"
 *
 * const length = pipe(
 *   (name: string) => Effect.succeed(name.trim()),
 *   Processor.andThen((name) => Effect.succeed(name.length))
 * )
 * Effect.runSync(length(" ada ")) // => 3
 * ```
 */
export const andThen =
  <B, C, E2, R2>(second: Processor<Given<B>, C, E2, R2>) =>
  <A, E1, R1>(first: Processor<A, B, E1, R1>): Processor<A, C, E1 | E2, R1 | R2> => chain(first, second)

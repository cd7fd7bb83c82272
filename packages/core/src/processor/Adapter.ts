/** Layers that change types on the way in and on the way out. */
import { fused } from "../internal/fused.ts"
import { layered } from "../internal/shape.ts"
import { chain } from "./Chain.ts"
import type { Processor } from "./Types.ts"

/**
 * A layer made of a processor that runs before the inner one and a processor that runs after it. If `before` fails,
 * the inner one is not called.
 *
 * @example
 * ```ts
 * import { Processor } from "@kanau/core"
 * import { Effect, pipe } from "effect"
 *
 * const double = (n: number) => Effect.succeed(n * 2)
 * const asText = Processor.adapter({
 *   before: (text: string) => Effect.succeed(Number(text)),
 *   after: (n: number) => Effect.succeed(`${n}!`)
 * })
 * Effect.runSync(pipe(double, asText)("21")) // => "42!"
 * ```
 */
export const adapter = <In2, In, E1, R1, Out, Out2, E2, R2>(around: {
  readonly before: Processor<In2, In, E1, R1>
  readonly after: Processor<Out, Out2, E2, R2>
}) =>
<Err, Req>(next: Processor<In, Out, Err, Req>): Processor<In2, Out2, E1 | Err | E2, R1 | Req | R2> =>
  layered("adapter", {}, next, chain(around.before, next, around.after))

/**
 * {@link adapter} the other way round: an inner processor put between two others.
 *
 * @example
 * ```ts
 * import { Processor } from "@kanau/core"
 * import { Effect } from "effect"
 *
 * const inText = Processor.embed((n: number) => Effect.succeed(n * 2), {
 *   before: (text: string) => Effect.succeed(Number(text)),
 *   after: (n: number) => Effect.succeed(String(n))
 * })
 * Effect.runSync(inText("21")) // => "42"
 * ```
 */
export const embed = <In2, In, E1, R1, Out, Err, Req, Out2, E2, R2>(
  inner: Processor<In, Out, Err, Req>,
  around: { readonly before: Processor<In2, In, E1, R1>; readonly after: Processor<Out, Out2, E2, R2> }
): Processor<In2, Out2, E1 | Err | E2, R1 | Req | R2> => adapter(around)(inner)

/**
 * A layer of two pure functions: one prepares the input, one shapes the output. Layers of this kind that lie next to
 * each other become one step when they are built.
 *
 * @example
 * ```ts
 * import { Processor } from "@kanau/core"
 * import { Effect, pipe } from "effect"
 *
 * const double = (n: number) => Effect.succeed(n * 2)
 * const asText = Processor.pureAdapter({ before: (text: string) => Number(text), after: (n: number) => `${n}!` })
 * Effect.runSync(pipe(double, asText)("21")) // => "42!"
 * ```
 */
export const pureAdapter = <In2, In, Out, Out2>(around: {
  readonly before: (input: In2) => In
  readonly after: (output: Out) => Out2
}) =>
<Err, Req>(next: Processor<In, Out, Err, Req>): Processor<In2, Out2, Err, Req> =>
  layered("pureAdapter", {}, next, fused(next, around.before, around.after))

/**
 * A layer that prepares the input with a pure function.
 *
 * @example
 * ```ts
 * import { Processor } from "@kanau/core"
 * import { Effect, pipe } from "effect"
 *
 * const double = pipe((n: number) => Effect.succeed(n * 2), Processor.mapInput((text: string) => Number(text)))
 * Effect.runSync(double("21")) // => 42
 * ```
 */
export const mapInput =
  <In2, In>(before: (input: In2) => In) =>
  <Out, Err, Req>(next: Processor<In, Out, Err, Req>): Processor<In2, Out, Err, Req> =>
    layered("mapInput", {}, next, fused(next, before, undefined))

/**
 * A layer that shapes the output with a pure function.
 *
 * @example
 * ```ts
 * import { Processor } from "@kanau/core"
 * import { Effect, pipe } from "effect"
 *
 * const double = pipe((n: number) => Effect.succeed(n * 2), Processor.mapOutput((n) => `${n}!`))
 * Effect.runSync(double(21)) // => "42!"
 * ```
 */
export const mapOutput =
  <Out, Out2>(after: (output: Out) => Out2) =>
  <In, Err, Req>(next: Processor<In, Out, Err, Req>): Processor<In, Out2, Err, Req> =>
    layered("mapOutput", {}, next, fused(next, undefined, after))

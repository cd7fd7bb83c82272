/** From anything to an input that fits its schema. */
import { Effect, Schema } from "effect"
import * as Fault from "../Fault.ts"
import { layered } from "../internal/shape.ts"
import type { Processor } from "../Processor.ts"

/**
 * Decodes whatever comes in; the call is made only with an input that fits `schema`. Everything wrong is told at once in
 * {@link Fault.InvalidInput}: paths and rules, never values. Members the schema does not know are wrong too.
 *
 * @example
 * ```ts
 * import { Layers } from "@kanau/core"
 * import { Effect, pipe, Schema } from "effect"
 *
 * const Page = Schema.Struct({ page: Schema.NumberFromString })
 * const list = pipe((input: typeof Page.Type) => Effect.succeed(input.page + 1), Layers.validate(Page))
 * Effect.runSync(list({ page: "2" })) // => 3
 * Effect.runSync(Effect.flip(list({})))._tag // => "InvalidInput"
 * ```
 */
export const validate = <S extends Schema.ConstraintDecoder<unknown, unknown>>(
  schema: S
): Validation<S> => {
  const decode = Schema.decodeUnknownEffect(schema, { errors: "all", onExcessProperty: "error" })
  return <Out, Err, Req>(next: Processor<S["Type"], Out, Err, Req>) =>
    layered("validate", {}, next, (input: unknown) =>
      Effect.matchEffect(decode(input), {
        onFailure: (error): Effect.Effect<Out, Err | Fault.InvalidInput, Req> =>
          Effect.fail(new Fault.InvalidInput({ issues: Fault.issuesOf(error) })),
        onSuccess: next
      }))
}

/** From a processor of decoded inputs to one of anything. */
export type Validation<S extends Schema.ConstraintDecoder<unknown, unknown>> = <Out, Err, Req>(
  next: Processor<S["Type"], Out, Err, Req>
) => Processor<unknown, Out, Err | Fault.InvalidInput, Req | S["DecodingServices"]>

/** From anything to an input that fits its schema. */
import { Effect, Schema } from "effect"
import * as Fault from "../Fault.ts"
import type { Processor } from "../Processor.ts"

/**
 * Decodes whatever comes in; the call is made only with an input that fits `schema`. Everything wrong is told at once in
 * {@link Fault.InvalidInput}: paths and rules, never values. Members the schema does not know are wrong too.
 */
export const validate = <S extends Schema.ConstraintDecoder<unknown, unknown>>(schema: S) => {
  const decode = Schema.decodeUnknownEffect(schema, { errors: "all", onExcessProperty: "error" })
  return <Out, Err, Req>(
    next: Processor<S["Type"], Out, Err, Req>
  ): Processor<unknown, Out, Err | Fault.InvalidInput, Req | S["DecodingServices"]> =>
  (input) =>
    Effect.matchEffect(decode(input), {
      onFailure: (error): Effect.Effect<Out, Err | Fault.InvalidInput, Req> =>
        Effect.fail(new Fault.InvalidInput({ issues: Fault.issuesOf(error) })),
      onSuccess: next
    })
}

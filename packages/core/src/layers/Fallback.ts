/** Another answer when the first way fails. */
import { Effect } from "effect"
import * as Fault from "../Fault.ts"
import { isTransientFault } from "../internal/faultHints.ts"
import { layered } from "../internal/shape.ts"
import type { Processor } from "../Processor.ts"

/**
 * Answers with `other` when the call ends with a fault that `when` accepts: by default the transient kinds, because a
 * not-found is an answer. `other` gets the input and the fault; any processor of the same input will do. Its own failure
 * is the failure of the call. Defects and interruption pass through.
 *
 * @example
 * ```ts
 * import { Fault, Layers } from "@kanau/core"
 * import { Effect, pipe } from "effect"
 *
 * const search = (_: string) => Effect.fail(new Fault.Unavailable({ dependency: "search", reason: "down" }))
 * const patient = pipe(search, Layers.fallback((words: string, fault) => Effect.succeed(`${words}: ${fault.kind}`)))
 * Effect.runSync(patient("cats")) // => "cats: unavailable"
 * ```
 */
export const fallback = <In, Out2, Err2 = never, Req2 = never>(
  other: (input: In, fault: Fault.Fault) => Effect.Effect<Out2, Err2, Req2>,
  when: (fault: Fault.Fault) => boolean = isTransientFault
) =>
<In1 extends In, Out, Err, Req>(
  next: Processor<In1, Out, Err, Req>
): Processor<In1, Out | Out2, Err | Err2, Req | Req2> =>
  layered("fallback", {}, next, (input) =>
    Effect.catchIf(
      next(input),
      (error): error is Err & Fault.Fault => Fault.isFault(error) && when(error),
      (fault) => other(input, fault)
    ))

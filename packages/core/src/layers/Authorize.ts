/** A question that must be answered with yes before the work begins. */
import { Effect } from "effect"
import * as Fault from "../Fault.ts"
import { layered } from "../internal/shape.ts"
import type { Processor } from "../Processor.ts"

/**
 * Somebody known may not do this.
 *
 * @example
 * ```ts
 * import { Layers } from "@kanau/core"
 *
 * const fault = new Layers.PermissionDenied()
 * fault.kind // => "permission-denied"
 * ```
 */
export class PermissionDenied extends Fault.define<PermissionDenied>()(
  "PermissionDenied",
  "permission-denied",
  {},
  () => "You are not allowed to do this."
) {}

/**
 * Runs `check` before each call; `false` is {@link PermissionDenied} and the call is not made. A check that cannot be
 * made fails with its own error, never with yes.
 *
 * @example
 * ```ts
 * import { Layers } from "@kanau/core"
 * import { Effect, pipe } from "effect"
 *
 * const edit = (note: { readonly owner: string }) => Effect.succeed(`${note.owner}'s note is changed`)
 * const mine = pipe(edit, Layers.authorize((note: { readonly owner: string }) => Effect.succeed(note.owner === "ada")))
 * Effect.runSync(mine({ owner: "ada" })) // => "ada's note is changed"
 * Effect.runSync(Effect.flip(mine({ owner: "bob" })))._tag // => "PermissionDenied"
 * ```
 */
export const authorize =
  <In, Err2 = never, Req2 = never>(check: (input: In) => Effect.Effect<boolean, Err2, Req2>) =>
  <In1 extends In, Out, Err, Req>(
    next: Processor<In1, Out, Err, Req>
  ): Processor<In1, Out, Err | Err2 | PermissionDenied, Req | Req2> =>
    layered("authorize", {}, next, (input) =>
      Effect.flatMap(
        check(input),
        (isAllowed): Effect.Effect<Out, Err | PermissionDenied, Req> =>
          isAllowed ? next(input) : Effect.fail(new PermissionDenied())
      ))

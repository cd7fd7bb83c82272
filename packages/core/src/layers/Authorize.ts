/** A question that must be answered with yes before the work begins. */
import { Effect } from "effect"
import * as Fault from "../Fault.ts"
import type { Processor } from "../Processor.ts"

/** Somebody known may not do this. */
export class PermissionDenied extends Fault.define<PermissionDenied>()(
  "PermissionDenied",
  "permission-denied",
  {},
  () => "You are not allowed to do this."
) {}

/**
 * Runs `check` before each call; `false` is {@link PermissionDenied} and the call is not made. A check that cannot be
 * made fails with its own error, never with yes.
 */
export const authorize =
  <In, Err2 = never, Req2 = never>(check: (input: In) => Effect.Effect<boolean, Err2, Req2>) =>
  <In1 extends In, Out, Err, Req>(
    next: Processor<In1, Out, Err, Req>
  ): Processor<In1, Out, Err | Err2 | PermissionDenied, Req | Req2> =>
  (input) =>
    Effect.flatMap(
      check(input),
      (isAllowed): Effect.Effect<Out, Err | PermissionDenied, Req> =>
        isAllowed ? next(input) : Effect.fail(new PermissionDenied())
    )

/** Calling the processor inside of a layer. */
import { Effect } from "effect"
import type { Processor } from "../processor/Types.ts"

/** The call; what the processor throws is its defect, so that a layer sees one kind of outcome only. */
export const invoke = <In, Out, Err, Req>(
  next: Processor<In, Out, Err, Req>,
  input: In
): Effect.Effect<Out, Err, Req> => {
  try {
    return next(input)
  } catch (defect) {
    return Effect.die(defect)
  }
}

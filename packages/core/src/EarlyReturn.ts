/**
 * Leaving early without an error: work that finds there is nothing to do ends with an answer of its own, and the steps
 * behind it do not run.
 *
 * An {@link EarlyReturn} is one of two sides: an _expression_ to go on with, or a _return_ to leave with. It is plain
 * data, `{ _tag, value }`, and never changes; a function meant for one side is never called for the other. Functions of
 * two arguments take the data first, or last for `pipe`.
 *
 * In `Effect.gen` a step leaves with {@link leave}, {@link leaveIf} or {@link orLeave}, and {@link flow} around the
 * program (or {@link layer} around the processor) makes the value it left with the answer. Until then it stands in the
 * error channel as {@link Leaving}, so that work which leaves without a flow around it does not compile where errors
 * must be known. Of flows inside each other, the innermost catches. Put layers that look at errors (retry, meter,
 * breaker) around the flow: inside it they would take leaving for a failure.
 *
 * Values are shared, not moved or borrowed, so there is nothing here to copy or own them with.
 */
export { flow, layer, leave, leaveIf, type Leaving, orLeave, type Returned, stage } from "./earlyReturn/Flow.ts"
export { flatMap, flatten, map, mapReturn, process, processFlatMap, tryMap, tryProcess } from "./earlyReturn/Mapping.ts"
export {
  type EarlyReturn,
  type Expression,
  expression,
  expressionOr,
  fromResult,
  getExpression,
  getReturn,
  match,
  type Return,
  returning,
  returnOr,
  safeUnwrap,
  swap
} from "./earlyReturn/Sides.ts"

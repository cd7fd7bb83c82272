/** Turns the way a handler ended into the one settlement of its message, by core's fault table. */
import { Fault } from "@kanau/core"
import { type Cause, Predicate } from "effect"
import type { Failure, Settlement } from "../Bus.ts"
import * as RetryLadder from "../RetryLadder.ts"

/** What was decided, for the log and the counter as well as for the bus. */
export interface Disposition {
  readonly name: "ack" | "discard" | "retry" | "dead-letter"
  readonly settlement: Settlement
  readonly error: string
}

export const acknowledged: Disposition = { name: "ack", settlement: { _tag: "Ack" }, error: "" }

/** The disposition of a message whose handler failed on attempt number `attempt`; `declared` is by tag, `random` 0 to 1. */
export const ofFailure = (
  cause: Cause.Cause<unknown>,
  attempt: number,
  ladder: RetryLadder.RetryLadder,
  declared: ReadonlyMap<string, Fault.Disposition>,
  random: () => number
): Disposition => {
  const kind = Fault.kindOf(cause)
  const error = Fault.describe(cause)
  const wanted = declared.get(tagOf(cause))
  // Nobody asked this fiber to stop (then there would be no one left to decide): the handler interrupted itself,
  // which is a bug and must not make the message come back for ever.
  const rule: Pick<Fault.Rule, "disposition" | "maxAttempts"> = wanted === undefined
    ? Fault.rule(kind === "interrupted" ? "defect" : kind)
    : { disposition: wanted }
  if (rule.disposition === "discard") return { name: "discard", settlement: { _tag: "Ack" }, error }
  if (rule.disposition === "dead-letter") {
    return deadLetter({ reason: kind === "undecodable" ? "undecodable" : "permanent-error", error })
  }
  if (attempt >= Math.min(ladder.attempts, rule.maxAttempts ?? ladder.attempts)) {
    return deadLetter({ reason: "retries-exhausted", error })
  }
  return {
    name: "retry",
    settlement: {
      _tag: "Retry",
      delayMillis: RetryLadder.jittered(ladder, attempt, random()),
      failure: { reason: "transient-error", error }
    },
    error
  }
}

export const deadLetter = (failure: Failure): Disposition => ({
  name: "dead-letter",
  settlement: { _tag: "DeadLetter", failure },
  error: failure.error
})

/** The tag of the error a handler failed with; nothing when it died as well. */
const tagOf = (cause: Cause.Cause<unknown>): string => {
  let tag = ""
  for (const reason of cause.reasons) {
    if (reason._tag === "Die") return ""
    if (reason._tag === "Fail" && tag === "") {
      tag = Predicate.hasProperty(reason.error, "_tag")
        ? String(reason.error._tag)
        : ""
    }
  }
  return tag
}

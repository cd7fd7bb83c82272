/**
 * Whether a call made now would be taken, as a value: a runner that pulls work reads it before it takes a message it
 * would only have to give back. `bulkhead`, `circuitBreaker`, `standard` and `loadShed` have it.
 *
 * It is a snapshot: the next call may still be refused, because somebody else was faster. Reading it takes no place
 * and makes no call.
 */
import type { Effect } from "effect"

/** Something that can say whether it takes calls. */
export interface Readiness {
  /** False while calls would be refused. */
  readonly isReady: Effect.Effect<boolean>
}

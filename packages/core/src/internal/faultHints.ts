/** What layers ask of an error before they decide to go on. */
import * as Fault from "../Fault.ts"

/** Whether an error is a fault after which the same call may succeed. */
export const isTransientFault = (error: unknown): boolean => Fault.isFault(error) && Fault.isTransient(error.kind)

/** How long the one who failed asks us to stay away; 0 when it does not say. */
export const retryAfterOf = (error: unknown): number =>
  typeof error === "object" && error !== null && "retryAfterMillis" in error &&
    typeof error.retryAfterMillis === "number"
    ? error.retryAfterMillis
    : 0

/**
 * On whose behalf the work runs. The edge sets it once per request; services read it to decide and to record.
 */
import { Context } from "effect"

/** Somebody who proved who they are. */
export interface Principal {
  /** Stable name, for audit columns. */
  readonly name: string
}

/**
 * The principal of the current fiber; `system` where nobody outside asked.
 *
 * @example
 * ```ts
 * import { Principal } from "@kanau/core"
 * import { Effect } from "effect"
 *
 * Effect.runSync(Principal.Principal) // => { name: "system" }
 * ```
 */
export const Principal: Context.Reference<Principal> = Context.Reference<Principal>("@kanau/core/Principal", {
  defaultValue: () => ({ name: "system" })
})

/**
 * Reads that must not be older than a change. Such a read first waits until the change is applied to every view; from
 * then on whatever is loaded shows it. So a document in memory may answer if its load began after this process had seen
 * the change applied, and the process remembers when that was.
 */
import { Fault } from "@kanau/core"
import { CausalRead, CausalToken, ViewStore } from "@kanau/views"
import { Clock, type Duration, Effect } from "effect"
import type { Moments } from "./hotCache.ts"

/**
 * Waits for the changes that a `Kanau-After` header names. Gives the moment not before which a document must have been
 * loaded to show them; nothing when the bound passes first.
 */
export type Causal = (header: string) => Effect.Effect<number | undefined, Fault.InvalidInput | Fault.Unavailable>

export const make = (store: ViewStore.ViewStoreService, limit: Duration.Input, moments: Moments): Causal => {
  /** When each position was seen applied, oldest first. */
  const seen = new Map<string, number>()
  const remember = (positions: ReadonlyArray<string>) => {
    const now = ++moments.now
    for (const position of positions) seen.set(position, now)
    for (const oldest of seen.keys()) {
      if (seen.size <= mostPositions) break
      seen.delete(oldest)
    }
    return now
  }
  /** The last of the moments at which these were seen; nothing if one of them was not. */
  const recall = (positions: ReadonlyArray<string>): number | undefined => {
    let last = 0
    for (const position of positions) {
      const at = seen.get(position)
      if (at === undefined) return undefined
      last = Math.max(last, at)
    }
    return last
  }
  return (header) =>
    Effect.flatMap(Clock.currentTimeMillis, (now): ReturnType<Causal> => {
      const positions = CausalToken.parse(header, now)
      if (positions === undefined) return Effect.fail(noToken)
      const known = recall(positions)
      if (known !== undefined) return Effect.succeed(known)
      return CausalRead.whenCaughtUp(positions, limit).pipe(
        Effect.map((applied) => applied ? remember(positions) : undefined),
        Effect.provideService(ViewStore.ViewStore, store)
      )
    })
}

const noToken = new Fault.InvalidInput({
  issues: [{ path: "Kanau-After", message: "is no Kanau-Position of this service" }]
})

/** Positions that are remembered; of a forgotten one the store is asked again. */
const mostPositions = 10_000

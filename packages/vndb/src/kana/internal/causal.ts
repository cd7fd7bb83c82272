/** Reads that must show a change: `Kanau-After`, as on the pages of the gateway. */
import type { Fault } from "@kanau/core"
import { CausalRead, CausalToken, ViewStore } from "@kanau/views"
import { Clock, type Duration, Effect } from "effect"
import { type KanaError, refused } from "../KanaError.ts"

/** The header. */
export const after = "kanau-after"

/** Waits until what the header names is applied to every view; when the bound passes first that is the answer. */
export const waiting =
  (store: ViewStore.ViewStoreService, limit: Duration.Input) =>
  (header: string): Effect.Effect<void, KanaError | Fault.Unavailable> =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      const positions = CausalToken.parse(header, now)
      if (positions === undefined) return Effect.fail(unknown)
      return Effect.flatMap(
        CausalRead.whenCaughtUp(positions, limit).pipe(Effect.provideService(ViewStore.ViewStore, store)),
        (applied) => applied ? Effect.void : Effect.fail(behind)
      )
    })

const unknown = refused("Invalid 'Kanau-After' header: No Kanau-Position of this service.")

const behind: KanaError = {
  status: 503,
  text: "The change named in Kanau-After is not visible yet, try again later."
}

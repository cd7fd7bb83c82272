/** Holding work back while what it needs would refuse it. */
import type { Layers } from "@kanau/core"
import { Effect } from "effect"

/** How often it looks again; short against the time for which breakers stay open. */
const interval = "100 millis"

/** Completes when all are ready. When `dismissed` completes first, it ends interrupted. */
export const whenReady = (
  needs: ReadonlyArray<Layers.Readiness>,
  dismissed: Effect.Effect<void>
): Effect.Effect<void> => {
  if (needs.length === 0) return Effect.void
  const isReady = Effect.map(Effect.forEach(needs, (need) => need.isReady), (all) => all.every((ready) => ready))
  const pause = Effect.raceFirst(Effect.sleep(interval), Effect.andThen(dismissed, Effect.interrupt))
  const look: Effect.Effect<void> = Effect.flatMap(
    isReady,
    (ready) => ready ? Effect.void : Effect.andThen(pause, Effect.suspend(() => look))
  )
  return look
}

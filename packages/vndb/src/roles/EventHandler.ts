/**
 * The role that does what follows from events, each hook on a queue of its own, and what the scheduler's signals ask
 * for. Any number of processes may play it.
 */
import { Consumer } from "@kanau/messaging"
import { Effect, Layer } from "effect"
import * as Wiki from "../wiki/Wiki.ts"
import { needsPostgres, onceAvailable } from "./availability.ts"
import { housekeeping } from "./housekeeping.ts"

export const layer = Layer.effectDiscard(Effect.gen(function*() {
  yield* needsPostgres
  yield* Effect.forEach(Wiki.hooks, (hook) => onceAvailable(Consumer.run(hook)), { discard: true })
  yield* onceAvailable(Consumer.run(housekeeping))
}))

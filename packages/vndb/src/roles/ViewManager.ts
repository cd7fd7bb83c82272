/** The role that keeps the public pages current. Any number of processes may play it. */
import { Consumer } from "@kanau/messaging"
import { Freshness } from "@kanau/postgres"
import { Generations } from "@kanau/views"
import { Effect, Layer } from "effect"
import * as Wiki from "../wiki/Wiki.ts"
import { needsPostgres, onceAvailable } from "./availability.ts"

export const layer = Layer.effectDiscard(Effect.gen(function*() {
  yield* needsPostgres
  yield* onceAvailable(Generations.prepare(Wiki.views))
  yield* onceAvailable(Consumer.run(Wiki.projection, { prefetch: 500 }))
  yield* onceAvailable(Consumer.run(Wiki.rebuild, { prefetch: 4 }))
  yield* Effect.forkScoped(Freshness.watch(Wiki.views))
}))

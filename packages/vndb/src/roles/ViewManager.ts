/** The role that keeps the public pages current. Any number of processes may play it. */
import { Consumer } from "@kanau/messaging"
import { ViewStore } from "@kanau/views"
import { Effect, Layer } from "effect"
import * as Wiki from "../wiki/Wiki.ts"
import { needsPostgres, onceAvailable } from "./availability.ts"

export const layer = Layer.effectDiscard(Effect.gen(function*() {
  yield* needsPostgres
  const store = yield* ViewStore.ViewStore
  yield* onceAvailable(store.prepare(Wiki.views.map(({ name }) => name)))
  yield* onceAvailable(Consumer.run(Wiki.projection))
}))

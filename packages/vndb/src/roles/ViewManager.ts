/**
 * The role that keeps the public pages and the search current. Any number of processes may play it. While the search engine
 * is down the pages go on.
 */
import { Consumer } from "@kanau/messaging"
import { Freshness } from "@kanau/postgres"
import { SearchIndex } from "@kanau/search"
import { Generations } from "@kanau/views"
import { Effect, Layer } from "effect"
import { indexing, sources } from "../wiki/search/sources.ts"
import { needsBroker, needsPostgres, onceAvailable } from "./availability.ts"
import * as Views from "./views.ts"

export { views } from "./views.ts"

export const layer = Layer.effectDiscard(Effect.gen(function*() {
  yield* needsPostgres
  yield* needsBroker
  yield* onceAvailable(Generations.prepare(Views.views))
  yield* onceAvailable(Consumer.run(Views.projection, { prefetch: 500 }))
  yield* onceAvailable(Consumer.run(Views.rebuild, { prefetch: 4 }))
  yield* Effect.forkScoped(Freshness.watch(Views.views))
  const search = yield* SearchIndex.SearchIndex
  yield* Effect.forkScoped(Effect.andThen(
    onceAvailable(search.prepare(sources.map(({ index }) => index))),
    onceAvailable(Consumer.run(indexing, { prefetch: 500 }))
  ))
}))

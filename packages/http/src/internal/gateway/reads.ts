/** Reads of one view: from memory where that is allowed, else from the generation that is shown. */
import type { Fault } from "@kanau/core"
import type { Generations, ViewStore } from "@kanau/views"
import { type Context, Effect, Metric, Option } from "effect"
import type { HotCache, Loaded } from "./hotCache.ts"
import * as HotDocument from "./hotDocument.ts"

/** `since` is the moment not before which a document must have been loaded; see `Causal`. */
export interface Reads {
  readonly one: (id: string, since: number) => Promise<Loaded>
  /** Those that exist, by id. */
  readonly many: (ids: ReadonlyArray<string>, since: number) => Promise<ReadonlyMap<string, HotDocument.HotDocument>>
  readonly list: (query: ViewStore.Query) => Promise<ReadonlyArray<ViewStore.FoundDocument>>
}

export const make = (
  view: string,
  cache: HotCache,
  store: ViewStore.ViewStoreService,
  generations: Generations.Watched,
  context: Context.Context<never>
): Reads => {
  const runWith = Effect.runPromiseWith(context)
  const run = <A>(
    read: (collection: string) => Effect.Effect<A, Fault.Unavailable>
  ): Promise<A> => runWith(Effect.flatMap(generations.collection(view), read))
  return {
    one: (id, since) => {
      misses.updateUnsafe(1, context)
      return cache.load(
        id,
        since,
        () => run((collection) => Effect.map(store.get(collection, id), (found) => hotOf(Option.getOrUndefined(found))))
      )
    },
    many: async (ids, since) => {
      const found = new Map<string, HotDocument.HotDocument>()
      const missing = ids.filter((id) => {
        const hot = cache.get(id, since)
        if (hot !== undefined) found.set(id, hot)
        return hot === undefined
      })
      if (missing.length === 0) return found
      misses.updateUnsafe(missing.length, context)
      // One read for all that nobody else is loading already.
      let batch: Promise<ReadonlyMap<string, ViewStore.RenderedDocument>> | undefined
      const read = () =>
        batch ??= run((collection) =>
          Effect.map(store.getMany(collection, missing), (some) => new Map(some.map((one) => [one.id, one])))
        )
      await Promise.all(missing.map(async (id) => {
        const hot = await cache.load(id, since, () => read().then((some) => hotOf(some.get(id))))
        if (hot !== undefined) found.set(id, hot)
      }))
      return found
    },
    list: (query) => {
      lists.updateUnsafe(1, context)
      return run((collection) => store.find(collection, query))
    }
  }
}

const hotOf = (found: ViewStore.RenderedDocument | undefined): Loaded =>
  found === undefined || found.deleted ? undefined : HotDocument.make(found)

const reads = Metric.counter("kanau_gateway_reads_total", {
  description: "Public reads by where the answer came from",
  incremental: true
})
/** Documents that were found in memory. */
export const hits = Metric.withAttributes(reads, { from: "memory" })
const misses = Metric.withAttributes(reads, { from: "store" })
const lists = Metric.withAttributes(reads, { from: "list" })

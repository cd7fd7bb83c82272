/**
 * Fills a generation: walks the keys of a view, hands pages out, and waits for what is recorded as done. A record is
 * named by the key its page begins behind, so whoever walks again follows the chain of what is done, however the pages
 * lie by then.
 */
import { Fault } from "@kanau/core"
import { Clock, Effect, Option, Schema } from "effect"
import * as Generations from "../Generations.ts"
import type { View } from "../View.ts"
import { ViewStore } from "../ViewStore.ts"

interface Options<E, R> {
  readonly pageSize: number
  readonly pages: number
  readonly againMillis: number
  readonly patienceMillis: number
  readonly onProgress: (progress: { readonly done: number; readonly total: number }) => Effect.Effect<void>
  readonly handOut: (after: string, ids: ReadonlyArray<string>) => Effect.Effect<void, E, R>
}

/** Says how many documents there are. */
export const fill = <R, E2, R2>(
  view: View<R>,
  generations: Generations.Generations,
  options: Options<E2, R2>
): Effect.Effect<number, Fault.Infrastructure | E2, R | R2 | ViewStore> =>
  Effect.gen(function*() {
    const store = yield* ViewStore
    const prefix = prefixOf(view.name, generations.building ?? generations.last)
    const total = yield* store.count(Generations.collection(view.name, generations.live))
    const pageAt = new Map(
      yield* Effect.forEach(yield* store.records.list(prefix), ({ key, value }) =>
        Effect.map(decodePage(value), (page) => [key.slice(prefix.length), page] as const))
    )
    const open = new Map<string, Open>()
    const walk: Walk = { after: undefined, exhausted: false, done: 0, progressAt: yield* Clock.currentTimeMillis }

    const openNext = Effect.gen(function*() {
      const name = walk.after ?? ""
      const known = pageAt.get(name)
      if (known !== undefined) {
        walk.done += known.count
        walk.after = known.last
        return
      }
      const ids = yield* view.keys(walk.after, options.pageSize)
      const last = ids.at(-1)
      if (last === undefined) {
        walk.exhausted = true
        return
      }
      yield* options.handOut(name, ids)
      open.set(name, { ids, handedOutAt: yield* Clock.currentTimeMillis })
      walk.after = last
    })

    const look = (name: string, { handedOutAt, ids }: Open) =>
      Effect.gen(function*() {
        const now = yield* Clock.currentTimeMillis
        if (Option.isSome(yield* store.records.get(prefix + name))) {
          open.delete(name)
          walk.done += ids.length
          walk.progressAt = now
        } else if (now - handedOutAt > options.againMillis) {
          yield* options.handOut(name, ids)
          open.set(name, { ids, handedOutAt: now })
        }
      })

    while (!walk.exhausted || open.size > 0) {
      while (!walk.exhausted && open.size < options.pages) {
        yield* openNext
      }
      const before = open.size
      yield* Effect.forEach([...open], ([name, page]) =>
        look(name, page), { concurrency: 4, discard: true })
      yield* options.onProgress({ done: walk.done, total: Math.max(walk.done, total) })
      if (open.size < before || open.size === 0) continue
      if ((yield* Clock.currentTimeMillis) - walk.progressAt > options.patienceMillis) return yield* nobody
      yield* Effect.sleep("20 millis")
    }
    return walk.done
  })

interface Walk {
  after: string | undefined
  exhausted: boolean
  done: number
  progressAt: number
}

interface Open {
  readonly ids: ReadonlyArray<string>
  readonly handedOutAt: number
}

/** Records that a page is done; once is enough. */
export const done = (
  view: string,
  generation: number,
  after: string,
  ids: ReadonlyArray<string>
): Effect.Effect<void, Fault.Unavailable, ViewStore> =>
  Effect.flatMap(ViewStore, (store) =>
    Effect.asVoid(
      store.records.put(
        prefixOf(view, generation) + after,
        JSON.stringify({ last: ids.at(-1) ?? after, count: ids.length }),
        0
      )
    ))

/** Forgets what was done. */
export const forget = (view: string, generation: number): Effect.Effect<void, Fault.Unavailable, ViewStore> =>
  Effect.flatMap(ViewStore, (store) => store.records.remove(prefixOf(view, generation)))

const prefixOf = (view: string, generation: number): string => `rebuild/${view}/${generation}/`

const Page = Schema.fromJsonString(Schema.Struct({ last: Schema.String, count: Schema.Int }))

const decodePage = (value: string) =>
  Effect.mapError(
    Schema.decodeUnknownEffect(Page)(value),
    () => new Fault.Invariant({ reason: "What the view store knows of this rebuild cannot be read; abandon it." })
  )

const nobody = new Fault.Unavailable({
  dependency: "view-manager",
  reason: "no page of the rebuild was filled; start a view-manager, then run the rebuild again: it goes on from here"
})

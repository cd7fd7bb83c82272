/**
 * A small world in which everything that may happen to indexers happens, by a seed: a truth that is edited, events that
 * arrive twice, late and in any order, indexers that overlap and die, and an engine that carries writes out one by one,
 * some time after it got them and some time before it says so.
 */
import { Indexing, SearchIndex } from "@kanau/search"
import { Effect, Fiber, type Scope } from "effect"

export interface World {
  readonly source: Indexing.Source
  readonly service: SearchIndex.SearchIndexService
  readonly truth: Map<string, SearchIndex.Document>
  readonly live: () => ReadonlyMap<string, SearchIndex.Document>
  /** Changes the truth some times; every change has events, each of which is handled. */
  readonly edits: (
    count: number,
    handle: (id: string) => Effect.Effect<void>
  ) => Effect.Effect<void, never, Scope.Scope>
  readonly below: (limit: number) => number
  readonly pause: Effect.Effect<void>
}

export const ids = ["a", "b", "c"]

/** A linear congruential generator is plenty for an order of events. */
const generator = (seed: number) => {
  let state = seed
  return (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
}

export const make = (seed: number): World => {
  const below = generator(seed)
  const pause = Effect.suspend(() => {
    // Mostly short, sometimes long enough for everybody else to get on.
    let yields = below(5) === 0 ? below(60) : below(5)
    const step: Effect.Effect<void> = Effect.suspend(() =>
      yields-- > 0 ? Effect.andThen(Effect.yieldNow, step) : Effect.void
    )
    return step
  })
  const slowly = <A>(work: () => A): Effect.Effect<A> =>
    Effect.andThen(pause, Effect.flatMap(Effect.sync(work), (value) => Effect.as(pause, value)))

  const truth = new Map<string, SearchIndex.Document>()
  let live = new Map<string, SearchIndex.Document>()
  let next: Map<string, SearchIndex.Document> | undefined
  let noted: SearchIndex.Reindexing | undefined

  const unused = () => Effect.die(new Error("not in this world"))
  const service: SearchIndex.SearchIndexService = {
    prepare: () => Effect.void,
    write: (_, changes, target) =>
      slowly(() => {
        const index = target === "next" ? next ??= new Map() : live
        for (const { document, id } of changes) {
          if (document === null) index.delete(id)
          else index.set(id, document)
        }
      }),
    reindexing: () => slowly(() => noted),
    begin: (_, progress) =>
      Effect.andThen(
        slowly(() => {
          next = new Map()
        }),
        slowly(() => {
          noted = progress
        })
      ),
    progress: () => slowly(() => true),
    promote: () =>
      Effect.gen(function*() {
        // The engine may be busy, while edits go on.
        for (let pauses = below(12); pauses > 0; pauses--) yield* pause
        yield* slowly(() => {
          const old = live
          live = next ?? new Map()
          next = old
        })
        yield* slowly(() => {
          noted = undefined
        })
        yield* slowly(() => {
          next = undefined
        })
        return true
      }),
    abandon: () =>
      slowly(() => {
        next = undefined
        noted = undefined
      }),
    search: unused,
    multiSearch: unused,
    count: unused,
    status: unused
  }

  const source = Indexing.source({
    index: SearchIndex.define({ name: "world", searchable: ["title"] }),
    dependsOn: [],
    derive: (wanted) => slowly(() => wanted.map((id) => ({ id, document: truth.get(id) ?? null }))),
    keys: (after = "", limit) => slowly(() => ids.filter((id) => truth.has(id) && id > after).slice(0, limit)),
    total: slowly(() => truth.size)
  })

  /** An indexer that may die at any moment; what it had not finished comes again. */
  const delivered = (handled: Effect.Effect<void>): Effect.Effect<void> =>
    Effect.suspend(() =>
      below(4) > 0 ? handled : Effect.gen(function*() {
        const dying = yield* Effect.forkChild(handled)
        yield* pause
        yield* pause
        yield* Fiber.interrupt(dying)
        yield* delivered(handled)
      })
    )

  return {
    source,
    service,
    truth,
    live: () => live,
    below,
    pause,
    edits: (count, handle) =>
      Effect.gen(function*() {
        const indexers: Array<Fiber.Fiber<void>> = []
        for (let at = 1; at <= count; at++) {
          yield* pause
          const id = ids[below(ids.length)] ?? ""
          if (below(4) === 0) truth.delete(id)
          else truth.set(id, { title: `${at}` })
          for (let copies = 1 + below(2); copies > 0; copies--) {
            indexers.push(yield* Effect.forkScoped(Effect.andThen(pause, delivered(handle(id)))))
          }
        }
        yield* Effect.forEach(indexers, Fiber.join, { discard: true })
      })
  }
}

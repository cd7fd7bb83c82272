/**
 * What the API reads: view documents, in the generation of their view that is shown. It knows pages by the kind of what they
 * are about, and reads no truth.
 */
import type { Fault } from "@kanau/core"
import type { Generations, Predicate, ViewStore } from "@kanau/views"
import { Effect } from "effect"
import type { DocumentName } from "./documents.ts"
import type { Page } from "./project.ts"

/** What there are documents of; `user` and `token` are looked up, never filtered by clients. */
export type Name = DocumentName | "user" | "token"

/** Why documents cannot be read. */
export type Trouble = Fault.Unavailable | Fault.Invariant

/** The documents of all views. */
export interface Store {
  readonly select: (
    name: Name,
    selection: ViewStore.Selection
  ) => Effect.Effect<ReadonlyArray<ViewStore.SelectedDocument>, Trouble>
  readonly tally: (name: Name, where: Predicate.Predicate) => Effect.Effect<number, Trouble>
  readonly pluck: (name: Name, plucking: ViewStore.Plucking) => Effect.Effect<ReadonlySet<string>, Trouble>
  /** How many documents there are. */
  readonly count: (name: Name) => Effect.Effect<number, Trouble>
  /** The pages with these ids, without those that are gone. */
  readonly pages: (name: Name, ids: ReadonlyArray<string>) => Effect.Effect<ReadonlyMap<string, Page>, Trouble>
}

/** Documents of one read. */
const batch = 200

/**
 * Reads from a view store.
 *
 * @example
 * ```ts
 * import { MemoryViewStore } from "@kanau/testing"
 * import * as Store from "@kanau/vndb/kana/Store"
 * import { Effect } from "effect"
 *
 * const store = Store.make(MemoryViewStore.make(), { collection: (view) => Effect.succeed(view) })
 * await Effect.runPromise(store.count("vn")) // => 0
 * ```
 */
export const make = (store: ViewStore.ViewStoreService, generations: Generations.Watched): Store => {
  const shown = <A>(name: Name, read: (collection: string) => Effect.Effect<A, Fault.Unavailable>) =>
    Effect.flatMap(generations.collection(name), read)
  return {
    select: (name, selection) => shown(name, (collection) => store.select(collection, selection)),
    tally: (name, where) => shown(name, (collection) => store.tally(collection, where)),
    pluck: (name, plucking) => shown(name, (collection) => store.pluck(collection, plucking)),
    count: (name) => shown(name, (collection) => store.count(collection)),
    pages: (name, ids) =>
      Effect.map(
        Effect.forEach(
          batches(ids, batch),
          (some) => shown(name, (collection) => store.getMany(collection, some)),
          { concurrency: 4 }
        ),
        (found) =>
          new Map(found.flat().filter(({ deleted }) => !deleted).map(({ bytes, id }) => [id, pageOf(bytes)] as const))
      )
  }
}

/**
 * Splits a list into lists of at most `size`.
 *
 * @example
 * ```ts
 * import * as Store from "@kanau/vndb/kana/Store"
 *
 * Store.batches([1, 2, 3], 2) // => [[1, 2], [3]]
 * ```
 */
export const batches = <A>(all: ReadonlyArray<A>, size: number): ReadonlyArray<ReadonlyArray<A>> =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size))

/**
 * The page that the bytes of a document are.
 *
 * @example
 * ```ts
 * import * as Store from "@kanau/vndb/kana/Store"
 *
 * Store.pageOf(new TextEncoder().encode('{"id":"v17"}')) // => { id: "v17" }
 * ```
 */
// Pages are rendered from objects.
export const pageOf = (bytes: Uint8Array): Page => JSON.parse(utf8.decode(bytes)) as Page

const utf8 = new TextDecoder()

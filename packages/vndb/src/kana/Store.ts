/**
 * What the API reads: view documents, in the generation of their view that is shown. It knows pages by the kind of what they
 * are about, and reads no truth.
 */
import type { Fault } from "@kanau/core"
import type { Generations, Predicate, ViewStore } from "@kanau/views"
import { Effect } from "effect"
import { LRUCache } from "lru-cache"
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
  /** The page that a document holds. Those that were read lately are not parsed again: nobody changes them. */
  readonly pageOf: (document: Pick<ViewStore.RenderedDocument, "etag" | "bytes">) => Page
}

/** Documents of one read. */
const batch = 200

/** Bytes of the pages that are kept parsed; as objects they take several times that. */
const parsedBytes = 16 * 2 ** 20

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
  const parsed = new LRUCache<string, Page>({ maxSize: parsedBytes })
  // Pages are rendered from objects, and an entity tag is a digest of the bytes.
  const pageOf: Store["pageOf"] = ({ bytes, etag }) => {
    const kept = parsed.get(etag)
    if (kept !== undefined) return kept
    const page = JSON.parse(utf8.decode(bytes)) as Page
    parsed.set(etag, page, { size: bytes.length })
    return page
  }
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
          new Map(
            found.flat().filter(({ deleted }) => !deleted).map((document) => [document.id, pageOf(document)] as const)
          )
      ),
    pageOf
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

const utf8 = new TextDecoder()

/**
 * What the API reads: view documents, in the generation of their view that is shown. It knows pages by the kind of what they
 * are about, and reads no truth.
 */
import type { Fault } from "@kanau/core"
import type { ViewGateway } from "@kanau/http"
import type { Generations, Predicate, ViewStore } from "@kanau/views"
import { Effect } from "effect"
import { LRUCache } from "lru-cache"
import type { DocumentName } from "./documents.ts"
import type { Entity } from "./Filters.ts"
import type { Found } from "./LabelIndex.ts"
import type { LabelMemory, Source } from "./LabelMemory.ts"
import type { Page } from "./project.ts"
import type { Label } from "./SearchText.ts"

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
  /** The documents with these ids, without those that are gone. */
  readonly documents: (name: Name, ids: ReadonlyArray<string>) => Effect.Effect<ReadonlyMap<string, Document>, Trouble>
  /** What search looks at in the entries with these ids, without those that are gone. */
  readonly labels: (name: Entity, ids: ReadonlyArray<string>) => Effect.Effect<Found, Trouble>
  /** The entries with a label that holds every word; nothing when only documents can tell. */
  readonly search: (name: Entity, words: ReadonlyArray<string>) => Effect.Effect<Found | undefined, Trouble>
  /** The page that a document holds. Those that were read lately are not parsed again: nobody changes them. */
  readonly pageOf: (document: Document) => Page
  /** What was written of pages lately; an entity tag is a digest of the page. */
  readonly written: Written
}

/** A document as it is stored. */
export type Document = Pick<ViewStore.RenderedDocument, "etag" | "bytes">

/** Texts in JSON, by what they are of. */
export type Written = Pick<LRUCache<string, Uint8Array>, "get" | "set">

/** Documents of one read. */
export const batch = 200

/** Bytes of the pages that are kept parsed; as objects they take several times that. */
const parsedBytes = 16 * 2 ** 20

/** Bytes of what is kept written. */
const writtenBytes = 32 * 2 ** 20

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
  const select: Store["select"] = (name, selection) => shown(name, (collection) => store.select(collection, selection))
  return {
    select,
    tally: (name, where) => shown(name, (collection) => store.tally(collection, where)),
    pluck: (name, plucking) => shown(name, (collection) => store.pluck(collection, plucking)),
    count: (name) => shown(name, (collection) => store.count(collection)),
    documents: (name, ids) =>
      Effect.map(
        Effect.forEach(
          batches(ids, batch),
          (some) => shown(name, (collection) => store.getMany(collection, some)),
          { concurrency: 4 }
        ),
        (found) =>
          new Map(found.flat().filter(({ deleted }) => !deleted).map((document) => [document.id, document] as const))
      ),
    labels: (name, ids) =>
      Effect.map(
        Effect.forEach(
          batches(ids, batch),
          (some) => {
            const where: Predicate.Predicate = { field: "id", is: "in", values: some }
            return select(name, { where, sort: [], skip: 0, limit: some.length, fields: ["labels"], bytes: false })
          },
          { concurrency: 4 }
        ),
        (found) => new Map(found.flat().map((document) => [document.id, labelsOf(document)] as const))
      ),
    search: () => Effect.undefined,
    pageOf,
    written: new LRUCache<string, Uint8Array>({ maxSize: writtenBytes, sizeCalculation: ({ length }) => length + 300 })
  }
}

/**
 * The pages with these ids, without those that are gone.
 *
 * @example
 * ```ts
 * import { MemoryViewStore } from "@kanau/testing"
 * import * as Store from "@kanau/vndb/kana/Store"
 * import { Effect } from "effect"
 *
 * const store = Store.make(MemoryViewStore.make(), { collection: (view) => Effect.succeed(view) })
 * await Effect.runPromise(Store.pages(store, "vn", ["v1"])) // => new Map()
 * ```
 */
export const pages = (
  store: Store,
  name: Name,
  ids: ReadonlyArray<string>
): Effect.Effect<ReadonlyMap<string, Page>, Trouble> =>
  Effect.map(
    store.documents(name, ids),
    (found) => new Map(Array.from(found, ([id, document]) => [id, store.pageOf(document)]))
  )

/** What is kept in memory, and followed: pages, and labels of entries. */
export interface Memory {
  readonly documents: ViewGateway.ViewGateway["documents"]
  readonly labels: ReadonlyMap<string, LabelMemory>
}

/**
 * Reads pages and searches labels in memory where that is allowed, and the rest from the store.
 *
 * @example
 * ```ts
 * import { MemoryViewStore } from "@kanau/testing"
 * import * as Store from "@kanau/vndb/kana/Store"
 * import { Effect } from "effect"
 *
 * const store = Store.make(MemoryViewStore.make(), { collection: (view) => Effect.succeed(view) })
 * const bytes = new TextEncoder().encode(`{"id":"v1"}`)
 * const documents = () => Effect.succeed(new Map([["v1", { etag: "1", bytes }]]))
 * const remembering = Store.remembering(store, { documents, labels: new Map() })
 * const found = await Effect.runPromise(Store.pages(remembering, "vn", ["v1", "v2"]))
 * found // => new Map([["v1", { id: "v1" }]])
 * ```
 */
export const remembering = (store: Store, { documents, labels }: Memory): Store => {
  const indexOf = (name: Entity) => labels.get(name)?.current ?? Effect.undefined
  return {
    ...store,
    documents: (name, ids) => documents(name, ids) ?? store.documents(name, ids),
    labels: (name, ids) =>
      Effect.flatMap(
        indexOf(name),
        (index) => index === undefined ? store.labels(name, ids) : Effect.succeed(index.get(ids))
      ),
    search: (name, words) => Effect.map(indexOf(name), (index) => index?.search(words))
  }
}

/**
 * Where the labels of a kind are read from the store.
 *
 * @example
 * ```ts
 * import { MemoryViewStore } from "@kanau/testing"
 * import * as Store from "@kanau/vndb/kana/Store"
 * import { Effect } from "effect"
 *
 * const views = MemoryViewStore.make()
 * const fields = { num: "number", labels: { records: { t: "text", p: "number" } } } as const
 * await Effect.runPromise(views.prepare("tag", { fields, indexes: [] }))
 * const source = Store.labelSource(Store.make(views, { collection: (view) => Effect.succeed(view) }), "tag")
 * await Effect.runPromise(source.from(0)) // => { found: new Map(), next: undefined }
 * ```
 */
export const labelSource = (store: Store, name: Entity): Source => ({
  some: (ids) => store.labels(name, ids),
  from: (num) => {
    const selection: ViewStore.Selection = {
      where: { field: "num", is: "gte", values: [num] },
      sort: [{ field: "num", descending: false }],
      skip: 0,
      limit: labelBatch,
      fields: ["labels", "num"],
      bytes: false
    }
    return Effect.map(store.select(name, selection), (page) => {
      const last = Number(page.at(-1)?.fields["num"] ?? 0)
      // Aliases of staff share a number, so the last one is read again; so many aliases has nobody.
      const next = page.length < labelBatch ? undefined : Math.max(last, num + 1)
      return { found: new Map(page.map((document) => [document.id, labelsOf(document)] as const)), next }
    })
  }
})

/** Documents of one read, when all labels are read. */
const labelBatch = 1000

/** As the field is declared in `documents`. */
const labelsOf = ({ fields }: ViewStore.SelectedDocument): ReadonlyArray<Label> =>
  (fields["labels"] ?? []) as unknown as ReadonlyArray<Label>

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

/**
 * Derives documents and writes them to every generation of their view, wherever they are newer. Any number of processes
 * may do this at once, in any order and as often as they like.
 */
import { Fault } from "@kanau/core"
import type { Bus } from "@kanau/messaging"
import { Clock, Effect, Metric } from "effect"
import * as Changes from "./Changes.ts"
import * as Generations from "./Generations.ts"
import * as Documents from "./internal/documents.ts"
import type { DerivedPart, Part, View } from "./View.ts"
import { type ViewDocument, ViewStore, type ViewStoreService } from "./ViewStore.ts"

/**
 * Derives these documents whole and writes those that are newer. Who keeps copies is told of what was written where it
 * is shown.
 *
 * @example
 * ```ts
 * yield* Refresh.documents(VnView, ["v17", "v18"])
 * ```
 */
export const documents = <R>(
  view: View<R>,
  ids: ReadonlyArray<string>
): Effect.Effect<void, Fault.Infrastructure, R | ViewStore | Bus.Bus> =>
  ids.length === 0
    ? Effect.void
    : inEveryGeneration(view, derive(view, ids), (collections, derived) => writeTo(view, collections, derived))

/** Derives one part of these documents and writes it where it is newer; documents that lack it are derived whole. */
export const parts = <R>(
  view: View<R>,
  name: string,
  part: Part<R>,
  ids: ReadonlyArray<string>
): Effect.Effect<void, Fault.Infrastructure, R | ViewStore | Bus.Bus> =>
  Effect.suspend(() => {
    const lacking = new Set<string>()
    return Effect.andThen(
      inEveryGeneration(
        view,
        part.derive(ids),
        (collections, derived) => writePart(collections, name, ids, derived, lacking)
      ),
      Effect.suspend(() => documents(view, [...lacking]))
    )
  })

/** Derives and renders these documents, without writing them. */
export const derive = <R>(
  view: View<R>,
  ids: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<ViewDocument>, Fault.Infrastructure, R> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) =>
    Effect.flatMap(view.derive(ids), (all) => {
      const found = new Set(all.map(({ id }) => id))
      if (found.size !== new Set(ids).size || all.length !== found.size) return Effect.fail(incomplete(view))
      return Effect.as(
        Metric.update(derivedDocuments, all.length),
        all.map((one) => Documents.whole(view, one, now))
      )
    }))

/** Writes derived documents to one collection; says which of them it took. */
export const write = (
  view: View<unknown>,
  collection: string,
  derived: ReadonlyArray<ViewDocument>
): Effect.Effect<ReadonlySet<string>, Fault.Infrastructure, ViewStore> =>
  Effect.gen(function*() {
    const store = yield* ViewStore
    const written = new Set(yield* store.replaceIfNewer(collection, derived))
    if (written.size < derived.length && Documents.hasParts(view)) {
      const refused = derived.filter(({ id }) => !written.has(id))
      for (const id of yield* mergeInto(store, view, collection, refused)) written.add(id)
    }
    yield* Metric.update(writtenDocuments, written.size)
    return written
  })

/**
 * Derives, and writes to the generations there are. They must not have changed since before it was derived: then a
 * generation that begins later is filled with what is at least as new, and is not behind the others. What was seen last
 * serves as what there was before, so it is one look each time.
 */
const inEveryGeneration = <A, R>(
  view: View<R>,
  derived: Effect.Effect<A, Fault.Infrastructure, R>,
  write: (
    collections: ReadonlyArray<string>,
    derived: A
  ) => Effect.Effect<ReadonlySet<string>, Fault.Infrastructure, ViewStore>
): Effect.Effect<void, Fault.Infrastructure, R | ViewStore | Bus.Bus> =>
  Effect.flatMap(ViewStore, (store) => {
    const seen = seenIn(store)
    const look = Effect.map(Generations.readFrom(store, view.name), (generations) => {
      seen.set(view.name, generations.revision)
      return generations
    })
    const round = (before: number): Effect.Effect<void, Fault.Infrastructure, R | ViewStore | Bus.Bus> =>
      Effect.flatMap(derived, (documents) =>
        Effect.flatMap(look, (generations) =>
          generations.revision !== before
            ? round(generations.revision)
            : Effect.flatMap(
              write(Generations.targets(view.name, generations), documents),
              (changed) => Changes.announce([...changed].map((id) => [view.name, id]))
            )))
    return Effect.suspend(() => {
      const before = seen.get(view.name)
      return before === undefined ? Effect.flatMap(look, ({ revision }) => round(revision)) : round(before)
    })
  })

/** The revision of the generations of each view when this process last looked. */
const seenIn = (store: ViewStoreService): Map<string, number> => {
  const seen = lastSeen.get(store) ?? new Map<string, number>()
  lastSeen.set(store, seen)
  return seen
}

const lastSeen = new WeakMap<ViewStoreService, Map<string, number>>()

const writeTo = (
  view: View<unknown>,
  collections: ReadonlyArray<string>,
  derived: ReadonlyArray<ViewDocument>
): Effect.Effect<ReadonlySet<string>, Fault.Infrastructure, ViewStore> =>
  Effect.map(
    Effect.forEach(collections, (collection) => write(view, collection, derived)),
    (written) => new Set(written.flatMap((ids) => [...ids]))
  )

/** Writes the newer whole around newer parts, a document at a time, because each depends on what is held. */
const mergeInto = (
  store: ViewStoreService,
  view: View<unknown>,
  collection: string,
  refused: ReadonlyArray<ViewDocument>
): Effect.Effect<ReadonlyArray<string>, Fault.Unavailable | Fault.Conflict> => {
  const derived = new Map(refused.map((document) => [document.id, document]))
  return exchange(store, collection, [...derived.keys()], (held) => {
    const document = derived.get(held.id)
    return document === undefined ? undefined : Documents.merged(view, document, held)
  })
}

const writePart = (
  collections: ReadonlyArray<string>,
  name: string,
  ids: ReadonlyArray<string>,
  all: ReadonlyArray<DerivedPart>,
  lacking: Set<string>
): Effect.Effect<ReadonlySet<string>, Fault.Unavailable | Fault.Conflict, ViewStore> =>
  Effect.gen(function*() {
    const store = yield* ViewStore
    const now = yield* Clock.currentTimeMillis
    const derived = new Map(all.map((one) => [one.id, one]))
    const changed = new Set<string>()
    for (const id of ids) if ((derived.get(id)?.json ?? null) === null) lacking.add(id)
    for (const collection of collections) {
      // What one generation lacks is left alone in those that are written later, or they would be ahead of it.
      const there = new Set<string>()
      const wanted = ids.filter((id) => !lacking.has(id))
      const taken = yield* exchange(store, collection, wanted, (held) => {
        const one = derived.get(held.id)
        if (held.deleted || one?.json === undefined || one.json === null) return undefined
        there.add(held.id)
        return Documents.withPart(name, { ...one, json: one.json }, held, now)
      })
      for (const id of taken) changed.add(id)
      for (const id of wanted) if (!there.has(id)) lacking.add(id)
    }
    return changed
  })

/** Replaces documents by what is made of them, each if it is still the same then; otherwise it is read again. */
const exchange = (
  store: ViewStoreService,
  collection: string,
  ids: ReadonlyArray<string>,
  make: (held: ViewDocument) => ViewDocument | undefined,
  round = 1
): Effect.Effect<ReadonlyArray<string>, Fault.Unavailable | Fault.Conflict> =>
  Effect.gen(function*() {
    const lost: Array<string> = []
    const taken: Array<string> = []
    const replace = (held: ViewDocument) =>
      Effect.suspend(() => {
        const document = make(held)
        return document === undefined
          ? Effect.void
          : Effect.map(store.replaceIfSame(collection, document, held), (same) => {
            ;(same ? taken : lost).push(held.id)
          })
      })
    yield* Effect.forEach(yield* store.read(collection, ids), replace, { concurrency: 16, discard: true })
    if (lost.length === 0) return taken
    if (round === mostRounds) {
      return yield* new Fault.Conflict({ reason: `Others keep changing the same documents of ${collection}.` })
    }
    return [...taken, ...(yield* exchange(store, collection, lost, make, round + 1))]
  })

/** Each lost round is somebody else's progress, so this many mean that something is wrong. */
const mostRounds = 20

const incomplete = (view: View<unknown>) =>
  new Fault.Invariant({ reason: `View ${view.name} did not derive each document it was asked for, once.` })

const derivedDocuments = Metric.counter("kanau_view_documents_derived_total", {
  description: "View documents derived from the truth",
  incremental: true
})

const writtenDocuments = Metric.counter("kanau_view_documents_written_total", {
  description: "View documents replaced by a newer derivation",
  incremental: true
})

/**
 * The view store in memory: for replays, simulations and model tests, which want thousands of fresh stores. It passes the
 * same suite as the real ones. It is gone with the process, so nothing but a test uses it.
 */
import { ViewStore } from "@kanau/views"
import { Effect, Layer, Option } from "effect"
import { isDeepStrictEqual } from "node:util"
import { page, plucked, selected } from "./internal/views/model.ts"

/** A store of its own for each time the layer is built. */
export const layer: Layer.Layer<ViewStore.ViewStore> = Layer.sync(ViewStore.ViewStore, () => make())

/** A store. */
export const make = (): ViewStore.ViewStoreService => {
  const collections = new Map<string, Map<string, ViewStore.ViewDocument>>()
  const shapes = new Map<string, ViewStore.Shape>()
  const applied = new Set<string>()
  const records = new Map<string, ViewStore.StoredRecord>()

  const documents = (collection: string): Map<string, ViewStore.ViewDocument> => {
    const found = collections.get(collection) ?? new Map<string, ViewStore.ViewDocument>()
    collections.set(collection, found)
    return found
  }
  const read = (collection: string, ids: ReadonlyArray<string>) =>
    [...new Set(ids)].flatMap((id) => documents(collection).get(id) ?? [])

  const check = (collection: string, asked: Parameters<typeof ViewStore.checkAsked>[1]) =>
    Effect.suspend(() => ViewStore.checkAsked(collection, asked, shapes.get(collection)?.fields))

  return {
    prepare: (collection, shape) =>
      Effect.andThen(
        ViewStore.checkShape(collection, shape),
        Effect.sync(() => void shapes.set(collection, shape))
      ),
    drop: (collection) =>
      Effect.sync(() => {
        shapes.delete(collection)
        collections.delete(collection)
      }),
    get: (collection, id) =>
      Effect.sync(() => Option.map(Option.fromNullishOr(documents(collection).get(id)), rendered)),
    getMany: (collection, ids) => Effect.sync(() => read(collection, ids).map(rendered)),
    read: (collection, ids) => Effect.sync(() => read(collection, ids)),
    find: (collection, query) =>
      Effect.sync(() =>
        page([...documents(collection).values()], query).map((document) => ({
          id: document.id,
          etag: document.etag,
          bytes: document.bytes,
          keys: query.sort.map(({ field }) => document.fields[field] ?? null)
        }))
      ),
    select: (collection, selection) =>
      Effect.map(
        check(collection, selection),
        () =>
          selected([...documents(collection).values()], selection).map((document) => ({
            id: document.id,
            etag: document.etag,
            bytes: selection.bytes === false ? new Uint8Array() : document.bytes,
            fields: Object.fromEntries((selection.fields ?? []).map((field) => [field, document.fields[field] ?? null]))
          }))
      ),
    tally: (collection, where) =>
      Effect.map(
        check(collection, { where }),
        () => selected([...documents(collection).values()], { where, sort: [] }).length
      ),
    pluck: (collection, plucking) =>
      Effect.map(
        check(collection, plucking),
        () => new Set([...plucked([...documents(collection).values()], plucking)].slice(0, plucking.limit))
      ),
    replaceIfNewer: (collection, all) =>
      Effect.sync(() => {
        const held = documents(collection)
        const newer = all.filter(({ id, version }) => version > (held.get(id)?.version ?? -1n))
        for (const document of newer) held.set(document.id, document)
        return new Set(newer.map(({ id }) => id))
      }),
    replaceIfSame: (collection, document, { base, parts, version }) =>
      Effect.sync(() => {
        const held = documents(collection).get(document.id)
        const isSame = held !== undefined && held.base === base && held.version === version &&
          isDeepStrictEqual(held.parts, parts)
        if (isSame) documents(collection).set(document.id, document)
        return isSame
      }),
    count: (collection) =>
      Effect.sync(() => [...documents(collection).values()].filter(({ deleted }) => !deleted).length),
    markApplied: (positions) => Effect.sync(() => positions.forEach((position) => applied.add(position))),
    unapplied: (positions) => Effect.sync(() => [...new Set(positions)].filter((position) => !applied.has(position))),
    records: {
      get: (key) => Effect.sync(() => Option.fromNullishOr(records.get(key))),
      list: (prefix) =>
        Effect.sync(() =>
          [...records.values()].filter(({ key }) => key.startsWith(prefix))
            .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)))
        ),
      put: (key, value, revision) =>
        Effect.sync(() => {
          const isSame = (records.get(key)?.revision ?? 0) === revision
          if (isSame) records.set(key, { key, value, revision: revision + 1 })
          return isSame
        }),
      remove: (prefix) =>
        Effect.sync(() => {
          for (const key of records.keys()) if (key.startsWith(prefix)) records.delete(key)
        })
    }
  }
}

const rendered = ({ base: _b, fields: _f, parts: _p, ...document }: ViewStore.ViewDocument) => document

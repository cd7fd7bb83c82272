/** What the cases of the view store's suite share: documents, and ways to write and compare them. */
import type { ViewStore } from "@kanau/views"
import { Effect, Option } from "effect"
import { expect } from "vitest"

export type Store = ViewStore.ViewStoreService

/** A case works on a collection of its own, which is prepared with {@link shape}. */
export type Case = readonly [title: string, body: (store: Store, collection: string) => Effect.Effect<void, unknown>]

export const shape: ViewStore.Shape = {
  fields: {
    title: "text",
    language: "text",
    rank: "number",
    nsfw: "boolean",
    none: "text",
    tags: "texts",
    scores: "numbers",
    links: { records: { name: "text", level: "number", minor: "boolean" } }
  },
  indexes: [["title"], ["language", "rank"], ["tags", "rank"], ["scores"], ["links.name", "links.level", "rank"]]
}

export const encoder = new TextEncoder()

export const document = (
  id: string,
  version: bigint,
  rest: Partial<ViewStore.ViewDocument> = {}
): ViewStore.ViewDocument => ({
  id,
  version,
  base: version,
  parts: {},
  revision: Number(version % 1000n),
  derivedAt: 1_700_000_000_123,
  etag: `"${id.length}-${version}"`,
  bytes: encoder.encode(JSON.stringify({ id, version: String(version) })),
  gzip: null,
  fields: { title: `title of ${version}`, rank: 1.5, nsfw: false, none: null, tags: ["a", "b"], scores: [1, 2] },
  deleted: false,
  ...rest
})

export const tombstone = (id: string, version: bigint): ViewStore.ViewDocument =>
  document(id, version, { deleted: true, bytes: new Uint8Array(), fields: {} })

export const write = (store: Store, collection: string, ...documents: ReadonlyArray<ViewStore.ViewDocument>) =>
  Effect.map(store.replaceIfNewer(collection, documents), (written) => [...written].toSorted())

export const held = (store: Store, collection: string, id: string) =>
  Effect.map(store.get(collection, id), Option.getOrUndefined)

/** What a document looks like to those who show it. */
const rendered = (
  { id, version, revision, derivedAt, etag, bytes, gzip, deleted }: ViewStore.RenderedDocument
) => ({ id, version, revision, derivedAt, etag, bytes: [...bytes], gzip: gzip && [...gzip], deleted })

export const complete = (document: ViewStore.ViewDocument) => ({
  ...rendered(document),
  base: document.base,
  parts: { ...document.parts },
  fields: { ...document.fields }
})

/** The store holds exactly this. */
export const expectHeld = (store: Store, collection: string, expected: ViewStore.ViewDocument) =>
  Effect.gen(function*() {
    const found = yield* held(store, collection, expected.id)
    expect(found && rendered(found)).toEqual(rendered(expected))
    const [known] = yield* store.read(collection, [expected.id])
    expect(known && complete(known)).toEqual(complete(expected))
  })

import type { ViewStore } from "@kanau/views"
import { Effect } from "effect"
import { expect } from "vitest"
import type { Case, Store } from "./documents.ts"
import { document, tombstone, write } from "./documents.ts"
import * as Model from "./model.ts"
import { numbers, ofEveryKind, randomDocument, randomQuery, seeded, texts } from "./random.ts"

/** Lists: conditions, order, pages. */
export const listing: ReadonlyArray<Case> = [
  [
    "every comparison on every type of field finds what it should, null and lists included",
    (store, collection) =>
      Effect.gen(function*() {
        const documents = ofEveryKind()
        yield* write(store, collection, ...documents)
        const conditions: Array<ViewStore.Condition> = []
        for (const is of ["in", "gt", "gte", "lt", "lte"] as const) {
          for (const title of [...texts, null]) conditions.push({ field: "title", is, values: [title] })
          for (const rank of [...numbers, 0.25, null]) conditions.push({ field: "rank", is, values: [rank] })
          for (const nsfw of [true, false, null]) conditions.push({ field: "nsfw", is, values: [nsfw] })
        }
        for (const text of [...texts, "common", "absent", null]) {
          conditions.push({ field: "tags", is: "in", values: [text] })
          conditions.push({ field: "tags", is: "in", values: [text, "a"] })
        }
        for (const number of [...numbers, 7, 8, null]) conditions.push({ field: "scores", is: "in", values: [number] })
        conditions.push(
          { field: "title", is: "in", values: [] },
          { field: "title", is: "in", values: ["a", null, "😀"] },
          { field: "rank", is: "in", values: [1, null, -1] },
          { field: "nsfw", is: "in", values: [true, false] },
          { field: "tags", is: "in", values: [] },
          // Values a field cannot hold are nowhere.
          { field: "rank", is: "in", values: ["1"] },
          { field: "title", is: "gt", values: [0] },
          { field: "nsfw", is: "lt", values: [1] },
          { field: "title", is: "in", values: ["a\0"] },
          { field: "title", is: "gte", values: ["\ud800"] }
        )
        for (const where of conditions) {
          const query = { where: [where], sort: [], limit: 100 }
          const found = yield* store.find(collection, query)
          expect([where, found.map(({ id }) => id)]).toEqual([where, Model.all(documents, query).map(({ id }) => id)])
        }
      })
  ],
  [
    "NV-3 a listed document comes with its tag and bytes, and the values it is sorted by",
    (store, collection) =>
      Effect.gen(function*() {
        const documents = [
          document("a", 2n ** 60n, { fields: { title: "b", rank: 1.5, nsfw: true } }),
          document("b", 2n, { fields: { rank: 1.5 } })
        ]
        yield* write(store, collection, ...documents)
        const sort = ["rank", "title", "nsfw"].map((field) => ({ field, descending: false }))
        const found = yield* store.find(collection, { where: [], sort, limit: 5 })
        expect(found.map(({ bytes, ...each }) => ({ ...each, bytes: [...bytes] }))).toEqual(
          documents.toReversed().map(({ bytes, etag, id }, at) => ({
            id,
            etag,
            bytes: [...bytes],
            keys: at === 0 ? [1.5, null, null] : [1.5, "b", true]
          }))
        )
      })
  ],
  [
    "texts and ids are ordered by code point, not by UTF-16 unit or by a language's rules",
    (store, collection) =>
      Effect.gen(function*() {
        const ordered = ["", "A", "B", "a", "aB", "aa", "b", "e\u0301", "é", "ｱ", "\uffff", "\u{10000}", "😀", "😀😀"]
        yield* write(store, collection, ...ordered.map((title) => document(`x${title}`, 1n, { fields: { title } })))
        const titles = (descending: boolean) =>
          Effect.map(
            store.find(collection, { where: [], sort: [{ field: "title", descending }], limit: 50 }),
            (found) => found.map(({ keys }) => keys[0])
          )
        expect(yield* titles(false)).toEqual(ordered)
        expect(yield* titles(true)).toEqual(ordered.toReversed())
        const byId = yield* store.find(collection, { where: [], sort: [], limit: 50 })
        expect(byId.map(({ id }) => id)).toEqual(ordered.map((title) => `x${title}`))
        const behind = yield* store.find(collection, {
          where: [],
          sort: [],
          after: { keys: [], id: "x\uffff" },
          limit: 2
        })
        expect(behind.map(({ id }) => id)).toEqual(["x\u{10000}", "x😀"])
      })
  ],
  ["ties are ordered by id, in the direction of the last key", (store, collection) =>
    Effect.gen(function*() {
      const fields = { rank: 1, title: "t" }
      yield* write(store, collection, ...["c", "a", "b"].map((id) => document(id, 1n, { fields })))
      const ids = (...sort: ReadonlyArray<ViewStore.Sort>) =>
        Effect.map(store.find(collection, { where: [], sort, limit: 9 }), (found) => found.map(({ id }) => id).join(""))
      expect(yield* ids()).toBe("abc")
      expect(yield* ids({ field: "rank", descending: true })).toBe("cba")
      expect(yield* ids({ field: "rank", descending: true }, { field: "title", descending: false })).toBe("abc")
      expect(yield* ids({ field: "rank", descending: false }, { field: "title", descending: true })).toBe("cba")
    })],
  ["a page has as many documents as asked for, and none of zero", (store, collection) =>
    Effect.gen(function*() {
      yield* write(store, collection, ...Array.from({ length: 250 }, (_, n) => document(`d${1000 + n}`, 1n)))
      const size = (limit: number) =>
        Effect.map(store.find(collection, { where: [], sort: [], limit }), (found) => found.length)
      for (const limit of [0, 1, 101, 249, 250]) expect(yield* size(limit)).toBe(limit)
      expect(yield* size(1000)).toBe(250)
    })],
  ["tombstones are never listed, and neither are other collections", (store, collection) =>
    Effect.gen(function*() {
      const other = `${collection}_other`
      yield* write(store, collection, document("a", 1n), document("b", 1n), tombstone("c", 1n))
      yield* write(store, other, document("z", 1n))
      yield* write(store, collection, tombstone("a", 2n))
      const found = yield* store.find(collection, {
        where: [{ field: "title", is: "in", values: ["title of 1", null] }],
        sort: [{ field: "rank", descending: false }],
        limit: 9
      })
      expect(found.map(({ id }) => id)).toEqual(["b"])
      yield* store.drop(other)
    })],
  [
    "pages of any query, put together, are what the model says (property)",
    (store, collection) =>
      Effect.gen(function*() {
        const random = seeded(7)
        const documents = Array.from({ length: 90 }, (_, n) => randomDocument(random, `d${n}`, 1n))
        yield* write(store, collection, ...documents)
        for (let round = 0; round < 60; round++) {
          const query = randomQuery(random)
          const expected = Model.all(documents, query)
          const found = yield* walk(store, collection, query, () => Effect.void)
          expect([query, found.map(({ id }) => id)]).toEqual([query, expected.map(({ id }) => id)])
          expect(found.map(({ keys }) => keys)).toEqual(
            expected.map((each) => query.sort.map(({ field }) => Model.fieldOf(each, field)))
          )
        }
      })
  ],
  ["paging through a collection that changes gives every unchanged document once, in order (property)", (
    store,
    collection
  ) =>
    Effect.gen(function*() {
      const random = seeded(11)
      const still = Array.from({ length: 40 }, (_, n) => randomDocument(random, `s${n}`, 1n))
      yield* write(store, collection, ...still)
      let version = 1n
      const change = Effect.suspend(() => {
        version++
        const moving = [0, 1, 2].map((offset) => `m${offset * 10 + random.below(10)}`)
        return write(
          store,
          collection,
          ...moving.map((id) => random.below(4) === 0 ? tombstone(id, version) : randomDocument(random, id, version))
        )
      })
      for (let round = 0; round < 25; round++) {
        const query = randomQuery(random)
        const found = yield* walk(store, collection, query, () => change)
        const unchanged = found.map(({ id }) => id).filter((id) => id.startsWith("s"))
        expect([query, unchanged]).toEqual([query, Model.all(still, query).map(({ id }) => id)])
      }
    })]
]

/** Reads page by page to the end, doing something in between. */
const walk = (
  store: Store,
  collection: string,
  query: ViewStore.Query,
  between: () => Effect.Effect<unknown, unknown>
): Effect.Effect<ReadonlyArray<ViewStore.FoundDocument>, unknown> =>
  Effect.gen(function*() {
    const found: Array<ViewStore.FoundDocument> = []
    let page = yield* store.find(collection, query)
    // Documents that move ahead of the reader could otherwise keep it reading.
    while (page.length > 0 && found.length < 1000) {
      found.push(...page)
      yield* between()
      const last = page.at(-1)
      // Nothing is sorted by lists, so no key is one.
      const keys = (last?.keys ?? []).map((key) => key !== null && typeof key === "object" ? null : key)
      page = yield* store.find(collection, { ...query, after: { keys, id: last?.id ?? "" } })
    }
    return found
  })

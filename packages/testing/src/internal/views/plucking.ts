import type { Predicate, ViewStore } from "@kanau/views"
import { Effect } from "effect"
import { expect } from "vitest"
import type { Case } from "./documents.ts"
import { document, tombstone, write } from "./documents.ts"

/** What selections come with, in what order, and what is plucked. */
export const plucking: ReadonlyArray<Case> = [
  ["pluck pairs every document with each of its records", (store, collection) =>
    Effect.gen(function*() {
      const release = (
        id: string,
        language: string | null,
        links: ViewStore.FieldValue,
        tags: ViewStore.FieldValue = []
      ) => document(id, 1n, { fields: { language, links, tags, title: language } })
      yield* write(
        store,
        collection,
        release("r1", "ja", [{ name: "v1", level: 1, minor: false }, { name: "v2", level: 2, minor: true }], [
          "x",
          "",
          "y"
        ]),
        release("r2", "en", [{ name: "v2", level: 1, minor: true }, { name: null, level: 1 }, {}], null),
        release("r3", "en", [{ name: "v3", level: 2 }], ["y"]),
        release("r4", null, []),
        release("r5", "", null),
        tombstone("r6", 1n)
      )
      const is = (field: string, ...values: ReadonlyArray<string | number | boolean | null>): Predicate.Predicate => ({
        field,
        is: "in",
        values
      })
      const pluck = (where: Predicate.Predicate, rest: Partial<ViewStore.Plucking> = {}) =>
        Effect.map(
          store.pluck(collection, { where, list: "links", member: "name", ...rest }),
          (found) => [...found].toSorted()
        )
      expect(yield* pluck({ all: [] })).toEqual(["v1", "v2", "v3"])
      expect(yield* pluck({ any: [] })).toEqual([])
      expect(yield* pluck(is("links.level", 1))).toEqual(["v1", "v2"])
      // Of the same record, not of some other one of the list.
      expect(yield* pluck({ all: [is("language", "ja"), is("links.level", 2)] })).toEqual(["v2"])
      expect(yield* pluck({ all: [is("links.level", 2), { not: is("links.minor", true) }] })).toEqual(["v3"])
      expect(yield* pluck({ any: [is("language", "ja"), is("links.level", 2)] })).toEqual(["v1", "v2", "v3"])
      expect(yield* pluck({ not: { any: [is("language", "ja"), is("links.level", 2)] } })).toEqual(["v2"])
      expect(yield* pluck(is("links.minor", null))).toEqual(["v3"])
      expect(yield* pluck(is("links.name", "v3", "v1"))).toEqual(["v1", "v3"])
      expect(yield* pluck(is("id", "r3", "r6"))).toEqual(["v3"])
      // Beside the current record, any record of the document.
      expect(yield* pluck({ all: [is("links.level", 1), { some: "links", where: is("level", 2) }] })).toEqual(["v1"])
      expect(
        yield* pluck({
          any: [{ all: [is("links.minor", false), { some: "links", where: is("name", "v2") }] }, is("id", "r3")]
        })
      ).toEqual(["v1", "v3"])
      const of = (member: string) =>
        Effect.map(
          store.pluck(collection, { where: { not: is("id", "r3") }, member }),
          (found) => [...found].toSorted()
        )
      expect(yield* of("language")).toEqual(["", "en", "ja"])
      expect(yield* of("tags")).toEqual(["", "x", "y"])
      expect(yield* of("id")).toEqual(["r1", "r2", "r4", "r5"])
      const some = yield* pluck({ all: [] }, { limit: 2 })
      expect(new Set(some).size).toBe(2)
      expect(["v1", "v2", "v3"]).toEqual(expect.arrayContaining(some))
      expect(yield* pluck({ all: [] }, { limit: 9 })).toEqual(["v1", "v2", "v3"])
      expect(yield* pluck({ all: [] }, { limit: 0 })).toEqual([])
    })],
  ["a selection is in order, null first, then by id whatever the direction, and comes with what was asked for", (
    store,
    collection
  ) =>
    Effect.gen(function*() {
      const ranked = (id: string, rank: number | null | undefined, title = "t") =>
        document(id, 1n, {
          fields: { ...(rank === undefined ? {} : { rank }), title, links: [{ name: id, level: 1 }] }
        })
      const documents = [
        ranked("v10", 2),
        ranked("v2", 2),
        ranked("v1", 1, "u"),
        ranked("a", null),
        ranked("b", undefined)
      ]
      yield* write(store, collection, ...documents, tombstone("v3", 1n))
      const select = (sort: ReadonlyArray<ViewStore.Sort>, skip = 0, limit = 9) =>
        Effect.map(
          store.select(collection, { where: { all: [] }, sort, skip, limit }),
          (found) => found.map(({ id }) => id).join(" ")
        )
      const rank = (descending: boolean) => ({ field: "rank", descending })
      const title = (descending: boolean) => ({ field: "title", descending })
      expect(yield* select([])).toBe("a b v1 v10 v2")
      expect(yield* select([rank(false)])).toBe("a b v1 v10 v2")
      expect(yield* select([rank(true)])).toBe("v10 v2 v1 a b")
      expect(yield* select([title(true), rank(true)])).toBe("v1 v10 v2 a b")
      expect(yield* select([title(true), rank(false)])).toBe("v1 a b v10 v2")
      expect(yield* select([rank(true)], 1, 3)).toBe("v2 v1 a")
      expect(yield* select([rank(true)], 4, 3)).toBe("b")
      expect(yield* select([rank(true)], 5, 3)).toBe("")
      expect(yield* select([rank(true)], 0, 0)).toBe("")
      const [first, second] = yield* store.select(collection, {
        where: { field: "id", is: "gte", values: ["b"] },
        sort: [],
        skip: 0,
        limit: 2,
        fields: ["rank", "title", "links", "none"]
      })
      const wanted = documents[4]
      expect(first && { ...first, bytes: [...first.bytes] }).toEqual({
        id: "b",
        etag: wanted?.etag,
        bytes: [...wanted?.bytes ?? []],
        fields: { rank: null, title: "t", links: [{ name: "b", level: 1 }], none: null }
      })
      expect(second?.fields["rank"]).toBe(1)
      const [bare] = yield* store.select(collection, { where: { all: [] }, sort: [], skip: 0, limit: 1 })
      expect(bare?.fields).toEqual({})
      const [light] = yield* store.select(collection, {
        where: { field: "id", is: "gte", values: ["b"] },
        sort: [],
        skip: 0,
        limit: 1,
        fields: ["title"],
        bytes: false
      })
      expect(light && { ...light, bytes: [...light.bytes] }).toEqual({
        id: "b",
        etag: wanted?.etag,
        bytes: [],
        fields: { title: "t" }
      })
    })]
]

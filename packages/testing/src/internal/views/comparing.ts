import type { Predicate, ViewStore } from "@kanau/views"
import { Effect } from "effect"
import { expect } from "vitest"
import type { Case, Store } from "./documents.ts"
import { document, tombstone, write } from "./documents.ts"
import * as Model from "./model.ts"
import { ofEveryKind } from "./random.ts"

/** What a predicate holds for. */
export const comparing: ReadonlyArray<Case> = [
  [
    "a predicate compares by type, holds for null only where null is asked for, and its negation is the rest",
    (store, collection) =>
      Effect.gen(function*() {
        const documents = ofEveryKind()
        yield* write(store, collection, ...documents)
        const comparisons: Array<Predicate.Comparison> = []
        for (const is of ["in", "gt", "gte", "lt", "lte"] as const) {
          for (const title of ["", "a b", "\uffff", "😀", null]) {
            comparisons.push({ field: "title", is, values: [title] })
          }
          for (const rank of [-1e21, 0, 0.25, 2 ** 53, null]) comparisons.push({ field: "rank", is, values: [rank] })
          for (const nsfw of [true, false, null]) comparisons.push({ field: "nsfw", is, values: [nsfw] })
          for (const id of ["", "t1", "n", null]) comparisons.push({ field: "id", is, values: [id] })
        }
        for (const values of [["a", "common"], ["absent"], [null], ["a", null], []]) {
          comparisons.push({ field: "tags", is: "in", values }, { field: "title", is: "in", values })
        }
        comparisons.push(
          { field: "scores", is: "in", values: [7] },
          { field: "scores", is: "in", values: [1e-7, null] },
          { field: "rank", is: "in", values: [1, null, -1] },
          { field: "id", is: "in", values: ["t1", "bare", "gone", "absent", null] },
          // Values a field cannot hold are nowhere.
          { field: "rank", is: "in", values: ["1"] },
          { field: "title", is: "gt", values: [0] },
          { field: "title", is: "contains", values: [0] },
          { field: "title", is: "contains", values: [null] },
          { field: "nsfw", is: "lt", values: [1] },
          { field: "id", is: "gte", values: [1] },
          { field: "title", is: "gt", values: [] }
        )
        for (const where of comparisons.flatMap((each): ReadonlyArray<Predicate.Predicate> => [each, { not: each }])) {
          yield* expectModel(store, collection, documents, where)
        }
        // By hand, so that the model is not alone.
        expect(yield* ids(store, collection, { field: "title", is: "lte", values: ["A"] })).toEqual(
          ["t0", "t1", "t6", "t7", "t15", "t16"].toSorted()
        )
        expect(yield* ids(store, collection, { field: "nsfw", is: "gte", values: [false] })).toEqual([
          "bfalse",
          "btrue"
        ])
        expect(yield* ids(store, collection, { field: "nsfw", is: "gte", values: [null] })).toEqual([])
        expect(
          yield* ids(store, collection, {
            all: [{ field: "tags", is: "in", values: [null] }, { field: "id", is: "lt", values: ["f"] }]
          })
        ).toEqual(["bare", "bfalse", "btrue"])
      })
  ],
  ["all of nothing holds, any of nothing does not, however deep", (store, collection) =>
    Effect.gen(function*() {
      yield* write(store, collection, document("a", 1n), document("b", 1n), tombstone("c", 1n))
      const nothing: Predicate.Predicate = { field: "title", is: "in", values: [] }
      const always: ReadonlyArray<Predicate.Predicate> = [
        { all: [] },
        { not: { any: [] } },
        { not: nothing },
        { any: [nothing, { all: [{ all: [] }, { not: { any: [nothing] } }] }] },
        { not: { some: "links", where: { all: [] } } }
      ]
      for (const where of always) {
        expect(yield* ids(store, collection, where)).toEqual(["a", "b"])
        expect(yield* ids(store, collection, { not: where })).toEqual([])
        expect(yield* store.tally(collection, where)).toBe(2)
        expect(yield* store.tally(collection, { not: where })).toBe(0)
      }
    })],
  [
    "contains finds characters as they are: no patterns, no case, no forms",
    (store, collection) =>
      Effect.gen(function*() {
        const titles = [
          "100%",
          "100",
          "a_b",
          "axb",
          "a.b",
          "a\\b",
          "(a|b)*[c]{2}^$+?",
          "a-b/c#d e",
          "line\nbreak",
          "é",
          "e\u0301",
          "😀😁",
          "幻想郷",
          "A.B",
          "'; --",
          "$1 & \"q\""
        ]
        const documents = titles.map((title, n) =>
          document(`t${10 + n}`, 1n, { fields: { title, links: [{ name: title, level: n }] } })
        )
        yield* write(store, collection, ...documents, document("none", 1n, { fields: { title: null } }))
        const wanted = [
          "",
          "%",
          "_",
          ".",
          "\\",
          "(a|b)*",
          "[c]",
          "{2}",
          "^",
          "$",
          "+?",
          "-b/",
          "#d e",
          "\n",
          "e",
          "\u0301"
        ]
        for (const value of [...titles, ...wanted, "é", "😁", "想", "b", "\"", "\0", "a.*b"]) {
          const expected = documents.flatMap(({ id }, n) => titles[n]?.includes(value) === true ? [id] : [])
          for (
            const where of [
              { field: "title", is: "contains", values: [value] } as const,
              { some: "links", where: { field: "name", is: "contains", values: [value] } } as const
            ]
          ) expect([value, yield* ids(store, collection, where)]).toEqual([value, expected])
        }
        expect(yield* ids(store, collection, { field: "id", is: "contains", values: ["t2"] })).toHaveLength(6)
      })
  ],
  ["some asks for one record that is all of it", (store, collection) =>
    Effect.gen(function*() {
      const holding = (id: string, links: ViewStore.FieldValue) => document(id, 1n, { fields: { links } })
      const documents = [
        holding("both", [{ name: "a", level: 2, minor: false }, { name: "b", level: 1, minor: true }]),
        holding("split", [{ name: "a", level: 1, minor: true }, { name: "b", level: 2, minor: false }]),
        holding("nulls", [{ name: "a", level: null, minor: null }]),
        holding("bare", [{ name: "a" }]),
        holding("empty", []),
        holding("null", null),
        document("missing", 1n, { fields: {} })
      ]
      yield* write(store, collection, ...documents, tombstone("gone", 1n))
      const a: Predicate.Predicate = { field: "name", is: "in", values: ["a"] }
      const high: Predicate.Predicate = { field: "level", is: "gte", values: [2] }
      const some = (...all: ReadonlyArray<Predicate.Predicate>): Predicate.Predicate => ({
        some: "links",
        where: { all }
      })
      const cases: ReadonlyArray<readonly [Predicate.Predicate, string]> = [
        [some(a, high), "both"],
        [{ all: [some(a), some(high)] }, "both split"],
        [some(a, { not: high }), "bare nulls split"],
        [{ not: some(a, high) }, "bare empty missing null nulls split"],
        [some(), "bare both nulls split"],
        [{ not: some() }, "empty missing null"],
        [some({ any: [] }), ""],
        [some({ field: "level", is: "in", values: [null] }), "bare nulls"],
        [some({ field: "name", is: "in", values: ["b", "x"] }), "both split"],
        [some({ field: "name", is: "in", values: ["b"] }, { field: "minor", is: "in", values: [true] }), "both"],
        [some(a, { field: "name", is: "in", values: ["b"] }), ""],
        [some(a, { field: "level", is: "in", values: [1, 7] }), "split"],
        [some({ field: "level", is: "in", values: [2] }), "both split"],
        [some({ field: "level", is: "in", values: ["2"] }), ""],
        [
          some({ field: "name", is: "in", values: Array.from({ length: 200 }, (_, n) => n === 9 ? "a" : `x${n}`) }),
          "bare both nulls split"
        ],
        [some({ any: [high, { field: "minor", is: "in", values: [true] }] }, { not: a }), "both split"]
      ]
      for (const [where, expected] of cases) {
        expect([where, (yield* ids(store, collection, where)).join(" ")]).toEqual([where, expected])
        yield* expectModel(store, collection, documents, where)
      }
    })]
]

const ids = (store: Store, collection: string, where: Predicate.Predicate) =>
  Effect.map(
    store.select(collection, { where, sort: [], skip: 0, limit: 1000 }),
    (found) => found.map(({ id }) => id)
  )

/** The store finds the documents that the model finds; how many they are. */
export const expectModel = (
  store: Store,
  collection: string,
  documents: ReadonlyArray<ViewStore.ViewDocument>,
  where: Predicate.Predicate
) =>
  Effect.gen(function*() {
    const expected = Model.selected(documents, { where, sort: [] }).map(({ id }) => id)
    expect([where, yield* ids(store, collection, where)]).toEqual([where, expected])
    expect([where, yield* store.tally(collection, where)]).toEqual([where, expected.length])
    return expected.length
  })

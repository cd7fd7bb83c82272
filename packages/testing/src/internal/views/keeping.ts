import { Effect, Exit, Option } from "effect"
import { expect } from "vitest"
import type { Case } from "./documents.ts"
import { document, expectHeld, held, shape, write } from "./documents.ts"

/** Collections as a whole, marks of applied events, and records. */
export const keeping: ReadonlyArray<Case> = [
  ["preparing again, or by many at once, changes nothing", (store, collection) =>
    Effect.gen(function*() {
      yield* write(store, collection, document("v1", 1n))
      const other = `${collection}_b`
      yield* Effect.forEach(
        Array.from({ length: 10 }),
        () => Effect.andThen(store.prepare(collection, shape), store.prepare(other, shape)),
        { concurrency: "unbounded" }
      )
      yield* expectHeld(store, collection, document("v1", 1n))
      expect(yield* store.count(other)).toBe(0)
      yield* store.drop(other)
    })],
  ["fields and indexes may be added to a collection that has documents", (store, collection) =>
    Effect.gen(function*() {
      yield* write(
        store,
        collection,
        document("a", 1n, { fields: { rank: 1, year: 2001 } }),
        document("b", 1n, { fields: { rank: 1 } }),
        // What the field held before means nothing in its new type.
        document("c", 1n, { fields: { rank: 1, year: "soon" } })
      )
      yield* store.prepare(collection, {
        fields: { ...shape.fields, year: "number" },
        indexes: [...shape.indexes, ["year"], ["rank", "year", "title"]]
      })
      yield* write(store, collection, document("d", 1n, { fields: { rank: 1, year: 1999 } }))
      const found = yield* store.find(collection, {
        where: [{ field: "year", is: "gt", values: [1990] }],
        sort: [{ field: "year", descending: false }],
        limit: 9
      })
      expect(found.map(({ id, keys }) => [id, ...keys])).toEqual([["d", 1999], ["a", 2001]])
    })],
  [
    "shapes that cannot be are a defect: odd names, unknown fields or members, two lists in one index",
    (store, collection) =>
      Effect.gen(function*() {
        const odd = ["Title", "a.b", "$a", "x'y", "1a", "", "a b"]
        const shapes = [
          ...odd.map((name) => ({ fields: { [name]: "text" as const }, indexes: [] })),
          { fields: shape.fields, indexes: [["nothing"]] },
          { fields: shape.fields, indexes: [["tags", "scores"]] },
          { fields: shape.fields, indexes: [["tags", "links.name"]] },
          { fields: shape.fields, indexes: [["links"]] },
          { fields: shape.fields, indexes: [["links.nothing"]] },
          { fields: shape.fields, indexes: [["links.name.x"]] },
          { fields: shape.fields, indexes: [["title.name"]] },
          { fields: { id: "text" as const }, indexes: [] },
          { fields: { none: { records: {} } }, indexes: [] },
          { fields: { odd: { records: { "a.b": "text" as const } } }, indexes: [] }
        ]
        for (const each of shapes) {
          const exit = yield* Effect.exit(store.prepare(`${collection}_odd`, each))
          expect(Exit.isFailure(exit) && String(exit.cause)).toContain(`${collection}_odd`)
        }
      })
  ],
  [
    "dropping a collection leaves others as they are, and may be repeated",
    (store, collection) =>
      Effect.gen(function*() {
        const other = `${collection}_2`
        yield* store.prepare(other, shape)
        const documents = Array.from({ length: 30 }, (_, n) => document(`d${n}`, 1n))
        yield* write(store, collection, ...documents)
        yield* write(store, other, ...documents)
        yield* store.drop(collection)
        yield* store.drop(collection)
        expect(yield* store.count(collection)).toBe(0)
        expect(yield* held(store, collection, "d1")).toBeUndefined()
        expect(yield* store.count(other)).toBe(30)
        const list = { where: [], sort: [{ field: "rank", descending: false }], limit: 99 }
        expect(yield* store.find(other, list)).toHaveLength(30)
        // What comes after begins anew.
        yield* store.prepare(collection, shape)
        yield* write(store, collection, document("d1", 1n))
        expect((yield* store.find(collection, list)).map(({ id }) => id)).toEqual(["d1"])
        yield* store.drop(other)
      })
  ],
  ["positions are applied once recorded, in any number and repeatedly", (store, collection) =>
    Effect.gen(function*() {
      const position = (n: number) => `${collection}-${n}`
      expect(yield* store.unapplied([])).toEqual([])
      expect(yield* store.unapplied([position(1)])).toEqual([position(1)])
      yield* store.markApplied([])
      yield* store.markApplied([position(1), position(2), position(1)])
      yield* store.markApplied([position(2), position(3)])
      expect(yield* store.unapplied([position(1), position(2), position(3), position(1)])).toEqual([])
      expect(yield* store.unapplied([position(3), position(4), position(1), position(5)])).toEqual([
        position(4),
        position(5)
      ])
    })],
  ["one position is recorded by several at the same time", (store, collection) =>
    Effect.gen(function*() {
      yield* Effect.forEach(Array.from({ length: 20 }), (_, n) =>
        store.markApplied(n % 2 === 0 ? [collection, `${collection}-b`] : [`${collection}-b`, collection]), {
        concurrency: "unbounded"
      })
      expect(yield* store.unapplied([collection, `${collection}-b`])).toEqual([])
    })],
  ["a record is written by whoever knows its revision", (store, collection) =>
    Effect.gen(function*() {
      const key = `${collection}/live`
      const { records } = store
      expect(Option.isNone(yield* records.get(key))).toBe(true)
      expect(yield* records.put(key, "a", 1)).toBe(false)
      expect(yield* records.put(key, "a", 0)).toBe(true)
      expect(yield* records.put(key, "b", 0)).toBe(false)
      expect(Option.getOrThrow(yield* records.get(key))).toEqual({ key, revision: 1, value: "a" })
      expect(yield* records.put(key, "😀 \"b\"", 1)).toBe(true)
      expect(yield* records.put(key, "c", 1)).toBe(false)
      expect(yield* records.put(key, "c", 3)).toBe(false)
      expect(Option.getOrThrow(yield* records.get(key))).toEqual({ key, revision: 2, value: "😀 \"b\"" })
      yield* records.remove(key)
      expect(Option.isNone(yield* records.get(key))).toBe(true)
      expect(yield* records.put(key, "again", 0)).toBe(true)
      expect(Option.getOrThrow(yield* records.get(key)).revision).toBe(1)
    })],
  ["of many who write a record at the same revision exactly one does", (store, collection) =>
    Effect.gen(function*() {
      for (let revision = 0; revision < 5; revision++) {
        const values = Array.from({ length: 8 }, (_, n) => `${revision}-${n}`)
        const outcomes = yield* Effect.forEach(values, (value) => store.records.put(collection, value, revision), {
          concurrency: "unbounded"
        })
        expect(outcomes.filter(Boolean)).toHaveLength(1)
        const record = Option.getOrThrow(yield* store.records.get(collection))
        expect([record.revision, record.value]).toEqual([revision + 1, values[outcomes.indexOf(true)]])
      }
    })],
  [
    "records are listed and removed by the beginning of their key, which is nothing but text",
    (store, collection) =>
      Effect.gen(function*() {
        const ends = ["", "%", "%a", "(", "\\", "_", "_a", "a", "ab", "b", "\uffff", "😀"]
        const keys = ends.map((end) => `${collection}/${end}`)
        for (const key of keys.toReversed()) yield* store.records.put(key, key, 0)
        yield* store.records.put(`${collection}X`, "other", 0)
        const list = (end: string) =>
          Effect.map(store.records.list(`${collection}/${end}`), (found) =>
            found.map(({ key, value, revision }) => {
              expect([value, revision]).toEqual([key, 1])
              return key.slice(collection.length + 1)
            }))
        expect(yield* list("")).toEqual(ends)
        expect(yield* list("_")).toEqual(["_", "_a"])
        expect(yield* list("%")).toEqual(["%", "%a"])
        expect(yield* list("(")).toEqual(["("])
        expect(yield* list("\\")).toEqual(["\\"])
        expect(yield* list("A")).toEqual([])
        yield* store.records.remove(`${collection}/_`)
        yield* store.records.remove(`${collection}/%`)
        expect(yield* list("")).toEqual(ends.filter((end) => !/^[_%]/.test(end)))
        expect(Option.isSome(yield* store.records.get(`${collection}X`))).toBe(true)
      })
  ]
]

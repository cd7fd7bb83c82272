import { Effect, Fiber, Option } from "effect"
import { expect } from "vitest"
import type { Case } from "./documents.ts"
import { complete, document, expectHeld, held, tombstone, write } from "./documents.ts"

/** What is read is what was written. */
export const reading: ReadonlyArray<Case> = [
  [
    "NV-3 a document comes back as it was written, and without its fields to those who show it",
    (store, collection) =>
      Effect.gen(function*() {
        const written = document("v1", 9n, {
          base: 7n,
          parts: { votes: 9n, notes: 2n ** 60n },
          gzip: Uint8Array.of(31, 139, 0, 255)
        })
        expect(yield* write(store, collection, written)).toEqual(["v1"])
        yield* expectHeld(store, collection, written)
        const found = yield* held(store, collection, "v1")
        expect(Object.keys(found ?? {}).toSorted()).toEqual(
          ["bytes", "deleted", "derivedAt", "etag", "gzip", "id", "revision", "version"]
        )
        expect(found?.bytes).toBeInstanceOf(Uint8Array)
        expect(found?.gzip).toBeInstanceOf(Uint8Array)
        expect(typeof found?.version).toBe("bigint")
      })
  ],
  [
    "NV-3 an id that was never written is none, in its own collection and in others",
    (store, collection) =>
      Effect.gen(function*() {
        yield* write(store, collection, document("v1", 1n))
        expect(Option.isNone(yield* store.get(collection, "v2"))).toBe(true)
        expect(Option.isNone(yield* store.get(collection, "v1\0"))).toBe(true)
        expect(Option.isNone(yield* store.get(`${collection}_other`, "v1"))).toBe(true)
      })
  ],
  ["many are read at once: those that exist, tombstones included", (store, collection) =>
    Effect.gen(function*() {
      const documents = [document("a", 1n), tombstone("b", 2n), document("c", 3n, { parts: { votes: 3n } })]
      yield* write(store, collection, ...documents)
      const ids = ["c", "nope", "a", "b", "a"]
      const found = yield* store.getMany(collection, ids)
      expect(found.map(({ id, version, deleted }) => [id, version, deleted]).toSorted()).toEqual([
        ["a", 1n, false],
        ["b", 2n, true],
        ["c", 3n, false]
      ])
      const known = yield* store.read(collection, ids)
      expect(known.map(complete).toSorted((a, b) => a.id < b.id ? -1 : 1)).toEqual(documents.map(complete))
      expect(yield* store.getMany(collection, [])).toEqual([])
      expect(yield* store.read(collection, [])).toEqual([])
    })],
  ["a thousand reads at once each get their own document", (store, collection) =>
    Effect.gen(function*() {
      const documents = Array.from({ length: 700 }, (_, n) => document(`d${n}`, BigInt(n + 1)))
      expect(yield* write(store, collection, ...documents)).toHaveLength(700)
      const ids = Array.from({ length: 1000 }, (_, n) => `d${(n * 7) % 900}`)
      const found = yield* Effect.forEach(ids, (id) => store.get(collection, id), { concurrency: "unbounded" })
      for (const [index, id] of ids.entries()) {
        const isThere = Number(id.slice(1)) < 700
        expect(Option.getOrUndefined(found[index] ?? Option.none())?.id).toBe(isThere ? id : undefined)
      }
    })],
  ["bytes are kept exactly, whatever they are, up to a megabyte", (store, collection) =>
    Effect.gen(function*() {
      const every = Uint8Array.from({ length: 256 }, (_, n) => n)
      const large = Uint8Array.from({ length: 1_048_576 }, (_, n) => (n * 31) % 251)
      yield* write(
        store,
        collection,
        document("every", 1n, { bytes: every, gzip: every.toReversed() }),
        document("large", 1n, { bytes: large, gzip: every })
      )
      const found = yield* held(store, collection, "every")
      expect(Buffer.compare(found?.bytes ?? new Uint8Array(), every)).toBe(0)
      expect(Buffer.compare(found?.gzip ?? new Uint8Array(), every.toReversed())).toBe(0)
      expect(Buffer.compare((yield* held(store, collection, "large"))?.bytes ?? new Uint8Array(), large)).toBe(0)
      const listed = yield* store.find(collection, { where: [], sort: [], limit: 2 })
      expect(Buffer.compare(listed[1]?.bytes ?? new Uint8Array(), large)).toBe(0)
    })],
  ["ids and tags may be any text", (store, collection) =>
    Effect.gen(function*() {
      const ids = [
        "",
        "幻想郷",
        "a b/c?d=e&f",
        "é",
        "e\u0301",
        "$where",
        "a.b",
        "'; drop table x; --",
        "😀".repeat(50),
        "V1",
        "v1"
      ]
      const documents = ids.map((id, n) => document(id, BigInt(n + 1), { etag: `"${n}-ü"` }))
      expect(yield* write(store, collection, ...documents)).toEqual(ids.toSorted())
      for (const each of documents) yield* expectHeld(store, collection, each)
    })],
  ["texts of fields may be long", (store, collection) =>
    Effect.gen(function*() {
      const long = (end: string) => Array.from({ length: 3000 }, (_, n) => String(n)).join("") + end
      const [a, b] = [long("a"), long("b")]
      const documents = [document("a", 1n, { fields: { title: a } }), document("b", 1n, { fields: { title: b } })]
      yield* write(store, collection, ...documents)
      for (const each of documents) yield* expectHeld(store, collection, each)
      const where = (is: "in" | "gt" | "lte", ...values: ReadonlyArray<string>) =>
        Effect.map(
          store.find(collection, { where: [{ field: "title", is, values }], sort: [], limit: 9 }),
          (found) => found.map(({ id }) => id)
        )
      expect(yield* where("in", b)).toEqual(["b"])
      expect(yield* where("in", b, "x", a)).toEqual(["a", "b"])
      expect(yield* where("gt", a)).toEqual(["b"])
      expect(yield* where("lte", a)).toEqual(["a"])
      const sort = [{ field: "title", descending: true }]
      const [first] = yield* store.find(collection, { where: [], sort, limit: 1 })
      expect(first?.keys).toEqual([b])
      const rest = yield* store.find(collection, { where: [], sort, after: { keys: [b], id: "b" }, limit: 9 })
      expect(rest.map(({ id }) => id)).toEqual(["a"])
    })],
  ["live documents are counted, tombstones are not", (store, collection) =>
    Effect.gen(function*() {
      expect(yield* store.count(collection)).toBe(0)
      yield* write(store, collection, document("a", 1n), document("b", 1n), tombstone("c", 1n))
      expect(yield* store.count(collection)).toBe(2)
      yield* write(store, collection, tombstone("a", 2n), document("c", 2n), document("d", 1n))
      expect(yield* store.count(collection)).toBe(3)
      expect(yield* store.count(`${collection}_other`)).toBe(0)
    })],
  [
    "a read sees every write acknowledged before it",
    (store, collection) =>
      Effect.forEach(Array.from({ length: 50 }, (_, n) => n), (n) =>
        Effect.gen(function*() {
          const id = `own-${n}`
          yield* write(store, collection, document(id, 1n))
          // In flight while the next version is written.
          const early = yield* Effect.forkChild(store.get(collection, id))
          yield* write(store, collection, document(id, 2n))
          expect((yield* held(store, collection, id))?.version).toBe(2n)
          yield* Fiber.await(early)
        }), { concurrency: 10, discard: true })
  ]
]

import type { ViewStore } from "@kanau/views"
import { Effect } from "effect"
import { expect } from "vitest"
import { shuffles } from "../shuffles.ts"
import type { Case } from "./documents.ts"
import { document, encoder, expectHeld, held, tombstone, write } from "./documents.ts"

/** Which of two documents stays. */
export const replacing: ReadonlyArray<Case> = [
  ["NV-2 a newer version replaces an older one", (store, collection) =>
    Effect.gen(function*() {
      const newer = document("v1", 2n, { bytes: encoder.encode("new"), etag: "\"new\"", derivedAt: 5 })
      expect(yield* write(store, collection, document("v1", 1n))).toEqual(["v1"])
      expect(yield* write(store, collection, newer)).toEqual(["v1"])
      yield* expectHeld(store, collection, newer)
    })],
  ["NV-2 the same version again writes nothing", (store, collection) =>
    Effect.gen(function*() {
      const first = document("v1", 3n)
      yield* write(store, collection, first)
      expect(yield* write(store, collection, document("v1", 3n, { etag: "\"other\"" }))).toEqual([])
      yield* expectHeld(store, collection, first)
    })],
  [
    "NV-2 an older version that arrives late does not overwrite a newer one",
    (store, collection) =>
      Effect.gen(function*() {
        const newer = document("v1", 10n)
        yield* write(store, collection, newer)
        // A digit less: comparing as text would let it win.
        expect(yield* write(store, collection, document("v1", 9n))).toEqual([])
        yield* expectHeld(store, collection, newer)
      })
  ],
  [
    "NV-2 a batch writes what is newer, leaves the rest, and says which is which",
    (store, collection) =>
      Effect.gen(function*() {
        yield* write(store, collection, document("a", 5n), document("b", 5n), document("e", 5n))
        const documents = [
          document("e", 5n),
          document("a", 6n),
          document("b", 4n),
          document("c", 1n),
          tombstone("d", 1n)
        ]
        expect(yield* write(store, collection, ...documents)).toEqual(["a", "c", "d"])
        for (const each of [document("a", 6n), document("b", 5n), document("c", 1n), tombstone("d", 1n)]) {
          yield* expectHeld(store, collection, each)
        }
        expect(yield* write(store, collection, ...documents)).toEqual([])
      })
  ],
  ["a batch may be empty, and collections do not mix", (store, collection) =>
    Effect.gen(function*() {
      expect(yield* write(store, collection)).toEqual([])
      const other = `${collection}_other`
      expect(yield* write(store, collection, document("v1", 1n))).toEqual(["v1"])
      expect(yield* write(store, other, document("v1", 2n))).toEqual(["v1"])
      yield* expectHeld(store, collection, document("v1", 1n))
      yield* expectHeld(store, other, document("v1", 2n))
      yield* store.drop(other)
    })],
  [
    "NV-2 a tombstone is returned as such and keeps older documents from coming back",
    (store, collection) =>
      Effect.gen(function*() {
        yield* write(store, collection, document("v1", 1n))
        const gone = tombstone("v1", 3n)
        expect(yield* write(store, collection, gone)).toEqual(["v1"])
        expect(yield* write(store, collection, document("v1", 2n))).toEqual([])
        yield* expectHeld(store, collection, gone)
      })
  ],
  ["NV-2 a tombstone for an unknown id keeps older documents out too", (store, collection) =>
    Effect.gen(function*() {
      yield* write(store, collection, tombstone("v1", 3n))
      expect(yield* write(store, collection, document("v1", 2n))).toEqual([])
      expect((yield* held(store, collection, "v1"))?.deleted).toBe(true)
    })],
  ["NV-2 a deleted document returns with a newer version", (store, collection) =>
    Effect.gen(function*() {
      yield* write(store, collection, tombstone("v1", 3n))
      const back = document("v1", 4n)
      expect(yield* write(store, collection, back)).toEqual(["v1"])
      yield* expectHeld(store, collection, back)
    })],
  [
    "NV-2 many writers of one document end with the highest version, in any order (property)",
    (store, collection) =>
      Effect.gen(function*() {
        for (const [round, versions] of shuffles(20, 12).entries()) {
          const id = `race-${round}`
          const writes = versions.map((version) =>
            version % 5 === 0 ? tombstone(id, BigInt(version)) : document(id, BigInt(version))
          )
          const outcomes = yield* Effect.forEach(writes, (each) => write(store, collection, each), {
            concurrency: "unbounded"
          })
          const highest = writes.reduce((best, each) => each.version > best.version ? each : best)
          // Whatever else was written before it, the highest was.
          expect(outcomes[writes.indexOf(highest)]).toEqual([id])
          yield* expectHeld(store, collection, highest)
        }
      })
  ],
  ["NV-2 batches that overlap, in different orders, end with the highest version of each (property)", (
    store,
    collection
  ) =>
    Effect.gen(function*() {
      const batches = shuffles(12, 30).map((ids, version) => ids.map((id) => document(`d${id}`, BigInt(version + 1))))
      yield* Effect.forEach(batches, (each) => write(store, collection, ...each), { concurrency: "unbounded" })
      const ids = Array.from({ length: 30 }, (_, n) => `d${n + 1}`)
      const found = yield* store.getMany(collection, ids)
      expect(found.map(({ version }) => version)).toEqual(ids.map(() => 12n))
    })],
  [
    "NV-2 a reader never sees a document go back while versions are written out of order",
    (store, collection) =>
      Effect.gen(function*() {
        const writing = { isDone: false }
        let seen = 0n
        const reader = Effect.gen(function*() {
          while (!writing.isDone) {
            const version = (yield* held(store, collection, "v1"))?.version ?? 0n
            expect(version).toBeGreaterThanOrEqual(seen)
            seen = version
          }
        })
        const versions = shuffles(1, 60).flat()
        const writer = Effect.forEach(
          versions,
          (version) => write(store, collection, document("v1", BigInt(version))),
          {
            concurrency: 4
          }
        ).pipe(Effect.ensuring(Effect.sync(() => {
          writing.isDone = true
        })))
        yield* Effect.all([reader, writer], { concurrency: 2 })
        expect((yield* held(store, collection, "v1"))?.version).toBe(BigInt(Math.max(...versions)))
      })
  ],
  ["versions are exact up to 64 bits", (store, collection) =>
    Effect.gen(function*() {
      const base = 2n ** 53n
      const highest = document("v1", base + 1n)
      yield* write(store, collection, document("v1", base))
      expect(yield* write(store, collection, highest)).toEqual(["v1"])
      expect(yield* write(store, collection, document("v1", base))).toEqual([])
      yield* expectHeld(store, collection, highest)
      const last = document("v1", 2n ** 63n - 1n, { base: 2n ** 63n - 2n, parts: { votes: 2n ** 63n - 1n, x: 0n } })
      expect(yield* write(store, collection, last)).toEqual(["v1"])
      expect(yield* write(store, collection, document("v1", 2n ** 63n - 2n))).toEqual([])
      yield* expectHeld(store, collection, last)
    })],
  ["NV-4 a document is replaced if it is still the same, and not if anything about its versions differs", (
    store,
    collection
  ) =>
    Effect.gen(function*() {
      const first = document("v1", 2n ** 60n + 3n, {
        base: 2n ** 60n + 1n,
        parts: { votes: 2n ** 60n + 3n, notes: 2n }
      })
      const next = document("v1", 2n ** 60n + 9n, { base: first.base, parts: { votes: 2n ** 60n + 9n, notes: 2n } })
      expect(yield* store.replaceIfSame(collection, next, first)).toBe(false)
      expect(yield* held(store, collection, "v1")).toBeUndefined()

      yield* write(store, collection, first)
      const different: ReadonlyArray<Pick<ViewStore.ViewDocument, "base" | "version" | "parts">> = [
        { ...first, base: first.base + 1n },
        { ...first, version: first.version + 1n },
        { ...first, parts: { ...first.parts, notes: 3n } },
        { ...first, parts: { votes: first.version } },
        { ...first, parts: { ...first.parts, more: 1n } },
        { ...first, parts: {} }
      ]
      for (const each of different) expect(yield* store.replaceIfSame(collection, next, each)).toBe(false)
      yield* expectHeld(store, collection, first)

      // The order of the parts means nothing.
      const same = { ...first, parts: { notes: 2n, votes: 2n ** 60n + 3n } }
      expect(yield* store.replaceIfSame(collection, next, same)).toBe(true)
      yield* expectHeld(store, collection, next)
      expect(yield* store.replaceIfSame(collection, next, first)).toBe(false)
      const gone = tombstone("v1", 2n ** 61n)
      expect(yield* store.replaceIfSame(collection, gone, next)).toBe(true)
      yield* expectHeld(store, collection, gone)
    })],
  ["NV-4 of many who replace the same document exactly one does", (store, collection) =>
    Effect.gen(function*() {
      let current = document("v1", 1n, { parts: { votes: 1n } })
      yield* write(store, collection, current)
      for (let round = 0; round < 10; round++) {
        const candidates = Array.from({ length: 8 }, (_, n) => {
          const version = current.version + 1n + BigInt(n)
          return document("v1", version, { base: 1n, parts: { votes: version } })
        })
        const outcomes = yield* Effect.forEach(
          candidates,
          (each) => store.replaceIfSame(collection, each, current),
          { concurrency: "unbounded" }
        )
        expect(outcomes.filter(Boolean)).toHaveLength(1)
        current = candidates[outcomes.indexOf(true)] ?? current
        yield* expectHeld(store, collection, current)
      }
    })]
]

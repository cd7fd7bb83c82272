/**
 * The suite every adapter of the view store port passes:
 *
 * ```ts
 * ViewStoreConformance.suite("MongoDB view store", MongoViewStore.layer({ url, database }))
 * ```
 *
 * The layer is built once for the suite. Every case works on a view of its own.
 */
import { Fault, Id } from "@kanau/core"
import { ViewStore } from "@kanau/views"
import type { Layer } from "effect"
import { Effect, Fiber, ManagedRuntime, Option } from "effect"
import { afterAll, describe, expect, test } from "vitest"
import { shuffles } from "./internal/shuffles.ts"
import { document, encoder, tombstone } from "./internal/viewDocuments.ts"

/** Registers the cases with vitest. */
export const suite = <E>(name: string, layer: Layer.Layer<ViewStore.ViewStore, E>): void => {
  describe(name, () => {
    const runtime = ManagedRuntime.make(layer)
    afterAll(() => runtime.dispose())
    for (const [title, body] of cases) {
      test(title, () =>
        runtime.runPromise(Effect.gen(function*() {
          const store = yield* ViewStore.ViewStore
          const view = `v${(yield* Id.next).replaceAll("-", "")}`
          yield* store.prepare([view])
          yield* body(store, view)
        })))
    }
  })
}

type Body = (store: ViewStore.ViewStoreService, view: string) => Effect.Effect<void, unknown>

const plain = ({ fields: _, bytes, ...rest }: ViewStore.ViewDocument) => ({ ...rest, bytes: [...bytes] })

const held = (store: ViewStore.ViewStoreService, view: string, id: string) =>
  Effect.map(store.get(view, id), Option.getOrUndefined)

const expectHeld = (store: ViewStore.ViewStoreService, expected: ViewStore.ViewDocument) =>
  Effect.map(held(store, expected.view, expected.id), (found) => {
    expect(found === undefined ? undefined : plain({ ...found, fields: {} })).toEqual(plain(expected))
  })

const write = (store: ViewStore.ViewStoreService, ...documents: ReadonlyArray<ViewStore.ViewDocument>) =>
  store.replaceIfNewer(documents)

const cases: ReadonlyArray<readonly [title: string, body: Body]> = [
  ["NV-3 a document comes back as it was written, without its filter fields", (store, view) =>
    Effect.gen(function*() {
      const written = document(view, "v1", 7n)
      expect(yield* write(store, written)).toBe(1)
      yield* expectHeld(store, written)
      const found = yield* held(store, view, "v1")
      expect(found).not.toHaveProperty("fields")
      expect(found?.bytes).toBeInstanceOf(Uint8Array)
      expect(typeof found?.version).toBe("bigint")
    })],
  ["NV-3 an id that was never written is none, in its own view and in others", (store, view) =>
    Effect.gen(function*() {
      yield* write(store, document(view, "v1", 1n))
      expect(Option.isNone(yield* store.get(view, "v2"))).toBe(true)
      expect(Option.isNone(yield* store.get(`${view}_other`, "v1"))).toBe(true)
    })],
  ["NV-2 a newer version replaces an older one", (store, view) =>
    Effect.gen(function*() {
      const newer = document(view, "v1", 2n, { bytes: encoder.encode("new"), etag: "\"new\"", derivedAt: 5 })
      expect(yield* write(store, document(view, "v1", 1n))).toBe(1)
      expect(yield* write(store, newer)).toBe(1)
      yield* expectHeld(store, newer)
    })],
  ["NV-2 the same version again writes nothing", (store, view) =>
    Effect.gen(function*() {
      const first = document(view, "v1", 3n)
      yield* write(store, first)
      expect(yield* write(store, document(view, "v1", 3n, { etag: "\"other\"" }))).toBe(0)
      yield* expectHeld(store, first)
    })],
  ["NV-2 an older version that arrives late does not overwrite a newer one", (store, view) =>
    Effect.gen(function*() {
      const newer = document(view, "v1", 10n)
      yield* write(store, newer)
      // Ten digits less: comparing as text would let it win.
      expect(yield* write(store, document(view, "v1", 9n))).toBe(0)
      yield* expectHeld(store, newer)
    })],
  ["NV-2 a batch writes what is newer and leaves the rest", (store, view) =>
    Effect.gen(function*() {
      yield* write(store, document(view, "a", 5n), document(view, "b", 5n))
      const [a, b, c] = [document(view, "a", 6n), document(view, "b", 4n), document(view, "c", 1n)]
      expect(yield* write(store, a, b, c)).toBe(2)
      yield* expectHeld(store, a)
      yield* expectHeld(store, document(view, "b", 5n))
      yield* expectHeld(store, c)
    })],
  ["a batch may be empty, or span views", (store, view) =>
    Effect.gen(function*() {
      expect(yield* write(store)).toBe(0)
      const other = `${view}_other`
      expect(yield* write(store, document(view, "v1", 1n), document(other, "v1", 2n))).toBe(2)
      yield* expectHeld(store, document(view, "v1", 1n))
      yield* expectHeld(store, document(other, "v1", 2n))
    })],
  [
    "NV-2 a tombstone is returned as such and keeps older documents from coming back",
    (store, view) =>
      Effect.gen(function*() {
        yield* write(store, document(view, "v1", 1n))
        const gone = tombstone(view, "v1", 3n)
        expect(yield* write(store, gone)).toBe(1)
        expect(yield* write(store, document(view, "v1", 2n))).toBe(0)
        yield* expectHeld(store, gone)
      })
  ],
  ["NV-2 a tombstone for an unknown id keeps older documents out too", (store, view) =>
    Effect.gen(function*() {
      yield* write(store, tombstone(view, "v1", 3n))
      expect(yield* write(store, document(view, "v1", 2n))).toBe(0)
      expect((yield* held(store, view, "v1"))?.deleted).toBe(true)
    })],
  ["NV-2 a deleted document returns with a newer version", (store, view) =>
    Effect.gen(function*() {
      yield* write(store, tombstone(view, "v1", 3n))
      const back = document(view, "v1", 4n)
      expect(yield* write(store, back)).toBe(1)
      yield* expectHeld(store, back)
    })],
  [
    "NV-2 many writers of one document end with the highest version, in any order (property)",
    (store, view) =>
      Effect.gen(function*() {
        for (const [round, versions] of shuffles(20, 12).entries()) {
          const id = `race-${round}`
          const writes = versions.map((version) =>
            version % 5 === 0 ? tombstone(view, id, BigInt(version)) : document(view, id, BigInt(version))
          )
          const counts = yield* Effect.forEach(writes, (each) => write(store, each), { concurrency: "unbounded" })
          expect(counts.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0)
          const highest = writes.reduce((best, each) => each.version > best.version ? each : best)
          yield* expectHeld(store, highest)
        }
      })
  ],
  [
    "NV-2 a reader never sees a document go back while versions are written out of order",
    (store, view) =>
      Effect.gen(function*() {
        const writing = { isDone: false }
        let seen = 0n
        const reader = Effect.gen(function*() {
          while (!writing.isDone) {
            const version = (yield* held(store, view, "v1"))?.version ?? 0n
            expect(version).toBeGreaterThanOrEqual(seen)
            seen = version
          }
        })
        const versions = shuffles(1, 60).flat()
        const writer = Effect.forEach(versions, (version) => write(store, document(view, "v1", BigInt(version))), {
          concurrency: 4
        }).pipe(Effect.ensuring(Effect.sync(() => {
          writing.isDone = true
        })))
        yield* Effect.all([reader, writer], { concurrency: 2 })
        expect((yield* held(store, view, "v1"))?.version).toBe(BigInt(Math.max(...versions)))
      })
  ],
  ["versions are exact up to 64 bits", (store, view) =>
    Effect.gen(function*() {
      const base = 2n ** 53n
      const highest = document(view, "v1", base + 1n)
      yield* write(store, document(view, "v1", base))
      expect(yield* write(store, highest)).toBe(1)
      expect(yield* write(store, document(view, "v1", base))).toBe(0)
      yield* expectHeld(store, highest)
      const last = document(view, "v1", 2n ** 63n - 1n)
      expect(yield* write(store, last)).toBe(1)
      expect(yield* write(store, document(view, "v1", 2n ** 63n - 2n))).toBe(0)
      yield* expectHeld(store, last)
    })],
  ["many are read at once: those that exist, tombstones included", (store, view) =>
    Effect.gen(function*() {
      const documents = [document(view, "a", 1n), tombstone(view, "b", 2n), document(view, "c", 3n)]
      yield* write(store, ...documents)
      const found = yield* store.getMany(view, ["c", "nope", "a", "b", "a"])
      expect(found.map(({ id, version, deleted }) => [id, version, deleted]).toSorted()).toEqual([
        ["a", 1n, false],
        ["b", 2n, true],
        ["c", 3n, false]
      ])
      expect(yield* store.getMany(view, [])).toEqual([])
    })],
  ["a thousand reads at once each get their own document", (store, view) =>
    Effect.gen(function*() {
      const documents = Array.from({ length: 700 }, (_, n) => document(view, `d${n}`, BigInt(n + 1)))
      expect(yield* write(store, ...documents)).toBe(700)
      const ids = Array.from({ length: 1000 }, (_, n) => `d${(n * 7) % 900}`)
      const found = yield* Effect.forEach(ids, (id) => store.get(view, id), { concurrency: "unbounded" })
      for (const [index, id] of ids.entries()) {
        const isThere = Number(id.slice(1)) < 700
        expect(Option.getOrUndefined(found[index] ?? Option.none())?.id).toBe(isThere ? id : undefined)
      }
    })],
  ["bytes are kept exactly, whatever they are, up to a megabyte", (store, view) =>
    Effect.gen(function*() {
      const every = Uint8Array.from({ length: 256 }, (_, n) => n)
      const large = Uint8Array.from({ length: 1_048_576 }, (_, n) => (n * 31) % 251)
      yield* write(store, document(view, "every", 1n, { bytes: every }), document(view, "large", 1n, { bytes: large }))
      expect(Buffer.compare((yield* held(store, view, "every"))?.bytes ?? new Uint8Array(), every)).toBe(0)
      expect(Buffer.compare((yield* held(store, view, "large"))?.bytes ?? new Uint8Array(), large)).toBe(0)
    })],
  ["ids and tags may be any text", (store, view) =>
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
      const documents = ids.map((id, n) => document(view, id, BigInt(n + 1), { etag: `"${n}-ü"` }))
      expect(yield* write(store, ...documents)).toBe(ids.length)
      for (const each of documents) yield* expectHeld(store, each)
    })],
  ["live documents are counted, tombstones are not", (store, view) =>
    Effect.gen(function*() {
      expect(yield* store.count(view)).toBe(0)
      yield* write(store, document(view, "a", 1n), document(view, "b", 1n), tombstone(view, "c", 1n))
      expect(yield* store.count(view)).toBe(2)
      yield* write(store, tombstone(view, "a", 2n), document(view, "c", 2n), document(view, "d", 1n))
      expect(yield* store.count(view)).toBe(3)
      expect(yield* store.count(`${view}_other`)).toBe(0)
    })],
  ["positions are applied once recorded, in any number and repeatedly", (store, view) =>
    Effect.gen(function*() {
      const position = (n: number) => `${view}-${n}`
      expect(yield* store.areApplied([])).toBe(true)
      expect(yield* store.areApplied([position(1)])).toBe(false)
      yield* store.markApplied([])
      yield* store.markApplied([position(1), position(2)])
      yield* store.markApplied([position(2), position(3)])
      expect(yield* store.areApplied([position(1), position(2), position(3), position(1)])).toBe(true)
      expect(yield* store.areApplied([position(3), position(4)])).toBe(false)
    })],
  ["one position is recorded by several at the same time", (store, view) =>
    Effect.gen(function*() {
      yield* Effect.forEach(Array.from({ length: 20 }), () => store.markApplied([view, `${view}-b`]), {
        concurrency: "unbounded"
      })
      expect(yield* store.areApplied([view, `${view}-b`])).toBe(true)
    })],
  ["preparing again, or by many at once, changes nothing", (store, view) =>
    Effect.gen(function*() {
      yield* write(store, document(view, "v1", 1n))
      yield* Effect.forEach(Array.from({ length: 10 }), () => store.prepare([view, `${view}_b`]), {
        concurrency: "unbounded"
      })
      yield* store.prepare([])
      yield* expectHeld(store, document(view, "v1", 1n))
    })],
  [
    "a read sees every write acknowledged before it",
    (store, view) =>
      Effect.forEach(Array.from({ length: 50 }, (_, n) => n), (n) =>
        Effect.gen(function*() {
          const id = `own-${n}`
          yield* write(store, document(view, id, 1n))
          // In flight while the next version is written.
          const early = yield* Effect.forkChild(store.get(view, id))
          yield* write(store, document(view, id, 2n))
          expect((yield* held(store, view, id))?.version).toBe(2n)
          yield* Fiber.await(early)
        }), { concurrency: 10, discard: true })
  ]
]

/** Whether an adapter failed the way a store that is not there must: with `Unavailable`, saying nothing of documents. */
export const expectUnavailable = (store: ViewStore.ViewStoreService, dependency: string): Effect.Effect<void> =>
  Effect.gen(function*() {
    const secret = document("v_secret", "secret-id", 1n, { bytes: encoder.encode("secret-bytes") })
    const calls: ReadonlyArray<Effect.Effect<unknown, Fault.Unavailable>> = [
      store.get(secret.view, secret.id),
      store.getMany(secret.view, [secret.id]),
      store.replaceIfNewer([secret]),
      store.markApplied(["secret-position"]),
      store.areApplied(["secret-position"]),
      store.count(secret.view)
    ]
    const faults = yield* Effect.forEach(calls, Effect.flip, { concurrency: "unbounded" }).pipe(Effect.orDie)
    for (const fault of faults) {
      expect(Fault.isFault(fault) && fault.kind).toBe("unavailable")
      expect(fault.dependency).toBe(dependency)
      expect(fault.message).not.toContain("secret")
    }
  })

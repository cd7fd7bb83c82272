/**
 * The suite every adapter of the view store port passes:
 *
 * ```ts
 * ViewStoreConformance.suite("MongoDB view store", MongoViewStore.layer({ url, database }))
 * ```
 *
 * The layer is built once for the suite. Every case works on a collection of its own.
 */
import { Fault, Id } from "@kanau/core"
import { ViewStore } from "@kanau/views"
import type { Layer } from "effect"
import { Effect, ManagedRuntime } from "effect"
import { afterAll, describe, expect, test } from "vitest"
import { comparing } from "./internal/views/comparing.ts"
import { document, encoder, shape } from "./internal/views/documents.ts"
import { keeping } from "./internal/views/keeping.ts"
import { listing } from "./internal/views/listing.ts"
import { plucking } from "./internal/views/plucking.ts"
import { reading } from "./internal/views/reading.ts"
import { replacing } from "./internal/views/replacing.ts"
import { selecting } from "./internal/views/selecting.ts"

/** Registers the cases with vitest. */
export const suite = <E>(name: string, layer: Layer.Layer<ViewStore.ViewStore, E>): void => {
  describe(name, () => {
    const runtime = ManagedRuntime.make(layer)
    afterAll(() => runtime.dispose())
    for (const [title, body] of cases) {
      test(title, () =>
        runtime.runPromise(Effect.gen(function*() {
          const store = yield* ViewStore.ViewStore
          const collection = `v${(yield* Id.next).replaceAll("-", "")}`
          yield* store.prepare(collection, shape)
          yield* body(store, collection)
          yield* store.drop(collection)
        })))
    }
  })
}

const cases = [...reading, ...replacing, ...listing, ...comparing, ...plucking, ...selecting, ...keeping]

/** Whether an adapter failed the way a store that is not there must: with `Unavailable`, saying nothing of documents. */
export const expectUnavailable = (store: ViewStore.ViewStoreService, dependency: string): Effect.Effect<void> =>
  Effect.gen(function*() {
    const secret = document("secret-id", 1n, { bytes: encoder.encode("secret-bytes") })
    const secretly = { field: "title", is: "contains", values: ["secret"] } as const
    const collection = "v_secret"
    const calls: ReadonlyArray<Effect.Effect<unknown, Fault.Unavailable>> = [
      store.prepare(collection, shape),
      store.drop(collection),
      store.get(collection, secret.id),
      store.getMany(collection, [secret.id]),
      store.read(collection, [secret.id]),
      store.find(collection, { where: [{ field: "title", is: "in", values: ["secret"] }], sort: [], limit: 1 }),
      store.select(collection, { where: secretly, sort: [], skip: 0, limit: 1 }),
      store.tally(collection, secretly),
      store.pluck(collection, { where: secretly, member: "id" }),
      store.replaceIfNewer(collection, [secret]),
      store.replaceIfSame(collection, secret, secret),
      store.markApplied(["secret-position"]),
      store.unapplied(["secret-position"]),
      store.count(collection),
      store.records.get("secret-key"),
      store.records.list("secret-key"),
      store.records.put("secret-key", "secret-value", 0),
      store.records.put("secret-key", "secret-value", 1),
      store.records.remove("secret-key")
    ]
    const faults = yield* Effect.forEach(calls, Effect.flip, { concurrency: "unbounded" }).pipe(Effect.orDie)
    for (const fault of faults) {
      expect(Fault.isFault(fault) && fault.kind).toBe("unavailable")
      expect(fault.dependency).toBe(dependency)
      expect(fault.message).not.toContain("secret")
    }
  })

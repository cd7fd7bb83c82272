/**
 * The suite every adapter of the search index port passes:
 *
 * ```ts
 * SearchIndexConformance.suite("Meilisearch", MeiliSearchIndex.layer({ url, prefix }))
 * ```
 *
 * The layer is built once for the suite. Every case works on an index of its own.
 */
import { Fault, Id } from "@kanau/core"
import { Filter, SearchIndex } from "@kanau/search"
import type { Layer } from "effect"
import { Effect, ManagedRuntime } from "effect"
import { afterAll, describe, expect, test } from "vitest"
import { asking } from "./internal/search/asking.ts"
import type { Body } from "./internal/search/books.ts"
import { booksIndex } from "./internal/search/books.ts"
import { finding } from "./internal/search/finding.ts"
import { rebuilding } from "./internal/search/rebuilding.ts"
import { writing } from "./internal/search/writing.ts"

/** Registers the cases with vitest. */
export const suite = <E>(name: string, layer: Layer.Layer<SearchIndex.SearchIndex, E>): void => {
  describe(name, () => {
    const runtime = ManagedRuntime.make(layer)
    afterAll(() => runtime.dispose())
    const cases: ReadonlyArray<readonly [title: string, body: Body]> = [
      ...finding,
      ...asking,
      ...writing,
      ...rebuilding
    ]
    for (const [title, body] of cases) {
      test(title, () =>
        runtime.runPromise(Effect.gen(function*() {
          const search = yield* SearchIndex.SearchIndex
          const index = booksIndex(`c${(yield* Id.next).replaceAll("-", "")}`)
          yield* search.prepare([index])
          yield* body(search, index)
        })))
    }
  })
}

/** Whether an adapter fails the way an engine that is not there must: with `Unavailable`, saying nothing of documents. */
export const expectUnavailable = (
  search: SearchIndex.SearchIndexService,
  dependency: string
): Effect.Effect<void> =>
  Effect.gen(function*() {
    const index = booksIndex("c_secret")
    const query = { text: "secret", filter: Filter.is("language", "secret") }
    const calls: ReadonlyArray<Effect.Effect<unknown, Fault.Fault>> = [
      search.prepare([index]),
      search.write(index, [{ id: "secret-id", document: { title: "secret" } }]),
      search.search(index, query),
      search.multiSearch([{ index, query }]),
      search.count(index),
      search.status(index),
      search.reindexing(index)
    ]
    const faults = yield* Effect.forEach(calls, Effect.flip, { concurrency: "unbounded" }).pipe(Effect.orDie)
    for (const fault of faults) {
      expect(Fault.isFault(fault) && fault.kind).toBe("unavailable")
      expect(fault instanceof Fault.Unavailable && fault.dependency).toBe(dependency)
      expect(fault.message).not.toContain("secret")
    }
  })

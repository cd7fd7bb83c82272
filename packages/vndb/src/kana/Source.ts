/** How old the data are: the header that answers tell it with, kept in memory. */
import { Generations, ViewStore } from "@kanau/views"
import { Effect, Option, Schema, type Scope } from "effect"
import { SourcePage, vndb } from "../wiki/pages/source.ts"

/** The header: when the dump was made that was imported last. There is none while nothing was imported. */
export const header = "kanau-source-timestamp"

/** Headers of an answer, now. */
export type Told = () => Readonly<Record<string, string>>

/**
 * Follows which dump the data are of, until the scope closes; looks every two seconds, and the first time before it is
 * ready. What it knows stays while it cannot look.
 *
 * @example
 * ```ts
 * import { MemoryViewStore } from "@kanau/testing"
 * import * as Source from "@kanau/vndb/kana/Source"
 * import { Effect } from "effect"
 *
 * const told = Effect.map(Source.watch, (headers) => headers())
 * await Effect.runPromise(Effect.provide(Effect.scoped(told), MemoryViewStore.layer)) // => {}
 * ```
 */
export const watch: Effect.Effect<Told, never, ViewStore.ViewStore | Scope.Scope> = Effect.gen(function*() {
  const store = yield* ViewStore.ViewStore
  let told: Readonly<Record<string, string>> = {}
  const look = Effect.gen(function*() {
    const { live } = yield* Generations.readFrom(store, "source")
    const found = yield* store.get(Generations.collection("source", live), vndb)
    const page = Option.isNone(found) || found.value.deleted ? undefined : yield* decode(utf8.decode(found.value.bytes))
    told = page === undefined ? {} : { [header]: page.dumped_at }
  }).pipe(Effect.timeout(patience), Effect.ignore)
  yield* look
  yield* Effect.forkScoped(Effect.forever(Effect.delay(look, "2 seconds")))
  return () => told
})

const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(SourcePage))
const utf8 = new TextDecoder()

/** A gateway starts while the store is away. */
const patience = "1 second"

import { assert, describe, it } from "@effect/vitest"
import { MemoryViewStore } from "@kanau/testing"
import { Generations, Refresh, View, ViewStore } from "@kanau/views"
import { Effect, Exit } from "effect"
import { verify } from "../src/internal/verifying.ts"
import { inHurry } from "./fixture.ts"

/** A page that is another one whenever it is derived; `whenDerived` happens after that. */
const restless = (whenDerived: () => Effect.Effect<void>) => {
  let edits = 0n
  const once = (ids: ReadonlyArray<string>) =>
    Effect.sync(() => ids.map((id) => ({ id, version: ++edits, revision: 1, json: `{"edits":${edits}}`, fields: {} })))
  const keys = (after: string | undefined) => Effect.succeed(after === undefined ? ["a"] : [])
  const quiet = View.define<never, never, never>({ name: "page", dependsOn: [], derive: once, keys })
  return { quiet, view: { ...quiet, derive: (ids: ReadonlyArray<string>) => Effect.tap(once(ids), whenDerived) } }
}

const verified = (isKept: boolean) =>
  Effect.gen(function*() {
    const store = MemoryViewStore.make()
    const collection = Generations.collection("page", 2)
    const { quiet, view } = restless(() => isKept ? Effect.orDie(write) : Effect.void)
    const write: Effect.Effect<void> = Effect.flatMap(
      Effect.provideService(Effect.orDie(Refresh.derive(quiet, ["a"])), ViewStore.ViewStore, store),
      (documents) => Effect.asVoid(Effect.orDie(store.replaceIfNewer(collection, documents)))
    )
    yield* store.prepare(collection, quiet.shape)
    yield* write
    return yield* Effect.exit(Effect.provideService(verify(view, 2, 10), ViewStore.ViewStore, store))
  }).pipe(inHurry)

describe("What is compared before a generation is shown", () => {
  it.live("NV-5 a document that is edited all the time is not doubted while it is kept current", () =>
    Effect.map(verified(true), (exit) => assert.deepStrictEqual(exit, Exit.succeed(1))))

  it.live("NV-5 a document that nobody keeps current is doubted", () =>
    Effect.map(verified(false), (exit) => assert.isTrue(Exit.isFailure(exit))))
})

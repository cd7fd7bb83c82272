/** Compares a generation with the truth before it is shown: all of it by number, a sample by content. */
import { Fault } from "@kanau/core"
import { Effect, Random, Schedule, Schema } from "effect"
import { isDeepStrictEqual } from "node:util"
import * as Generations from "../Generations.ts"
import * as Refresh from "../Refresh.ts"
import type { View } from "../View.ts"
import { ViewStore } from "../ViewStore.ts"

/** The new generation does not equal the truth, so the old one is still shown. */
export class Mismatch extends Fault.define<Mismatch>()(
  "Mismatch",
  "invariant",
  { view: Schema.String, reason: Schema.String },
  (fault) => `The rebuilt ${fault.view} is not shown: ${fault.reason}`
) {}

/** Says how many documents were compared. What is on its way meanwhile gets some time to arrive. */
export const verify = <R>(
  view: View<R>,
  generation: number,
  size: number
): Effect.Effect<number, Fault.Infrastructure | Mismatch, R | ViewStore> =>
  Effect.gen(function*() {
    const collection = Generations.collection(view.name, generation)
    const counted = Effect.gen(function*() {
      const { ids, total } = yield* walk(view, size)
      const held = yield* (yield* ViewStore).count(collection)
      if (held === total) return ids
      return yield* new Mismatch({ view: view.name, reason: `it holds ${held} documents instead of ${total}.` })
    })
    const ids = yield* Effect.retry(counted, patience)
    let doubtful: ReadonlyArray<string> = ids
    const seen = new Map<string, bigint>()
    const compared = Effect.gen(function*() {
      doubtful = yield* differing(view, collection, doubtful, seen)
      if (doubtful.length === 0) return
      const reason = `${doubtful.length} of ${ids.length} documents are not as they are derived now: ${
        doubtful.slice(0, 5).join(", ")
      }.`
      return yield* new Mismatch({ view: view.name, reason })
    })
    yield* Effect.retry(compared, patience)
    return ids.length
  })

const patience = {
  while: (fault: { readonly _tag: string }) => fault._tag === "Mismatch",
  times: 10,
  schedule: Schedule.spaced("300 millis")
}

/** Counts what there is, and draws a sample of it in which each id is as likely as any other. */
const walk = <R>(view: View<R>, size: number) =>
  Effect.gen(function*() {
    const ids: Array<string> = []
    let total = 0
    let after: string | undefined
    while (true) {
      const page = yield* view.keys(after, 5000)
      if (page.length === 0) return { ids, total }
      for (const id of page) {
        total++
        if (ids.length < size) ids.push(id)
        else {
          const at = yield* Random.nextIntBetween(0, total, { halfOpen: true })
          if (at < size) ids[at] = id
        }
      }
      after = page.at(-1)
    }
  })

/**
 * A document that is edited all the time never equals what is derived a moment later. One that was derived as a whole since it
 * was first looked at is kept current, and is not doubted; `seen` remembers of when it was.
 */
const differing = <R>(view: View<R>, collection: string, ids: ReadonlyArray<string>, seen: Map<string, bigint>) =>
  Effect.gen(function*() {
    const store = yield* ViewStore
    const derived = yield* Refresh.derive(view, ids)
    const held = new Map((yield* store.read(collection, ids)).map((document) => [document.id, document]))
    return derived.filter((document) => {
      const found = held.get(document.id)
      if (found?.etag === document.etag && isDeepStrictEqual(found.fields, document.fields)) return false
      if (found === undefined) return true
      const first = seen.get(found.id) ?? found.base
      seen.set(found.id, first)
      return found.base === first
    }).map(({ id }) => id)
  })

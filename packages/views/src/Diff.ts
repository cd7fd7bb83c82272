/**
 * What would change: derives documents with the code at hand, compares them with those that are shown, and writes
 * nothing. To be run before a deploy, with the new code and the running system's stores.
 */
import type { Fault } from "@kanau/core"
import { Effect, JsonPatch, type Schema } from "effect"
import { isDeepStrictEqual } from "node:util"
import * as Generations from "./Generations.ts"
import * as Refresh from "./Refresh.ts"
import type { View } from "./View.ts"
import { type ViewDocument, ViewStore } from "./ViewStore.ts"

/** A document that would be written. */
export interface Difference {
  readonly id: string
  /** `added` and `removed` are said of what is shown. */
  readonly kind: "added" | "removed" | "changed"
  /** JSON Patch (RFC 6902) from what is shown to what would be; empty when only filter fields differ. */
  readonly patch: JsonPatch.JsonPatch
  /** The filter fields that would change. */
  readonly fields: ReadonlyArray<string>
}

/** Of how many documents which would change. */
export interface Report {
  readonly compared: number
  readonly added: number
  readonly removed: number
  readonly changed: number
  /** The first of them. */
  readonly differences: ReadonlyArray<Difference>
}

export interface Options {
  /** Only these; everything when absent. */
  readonly ids?: ReadonlyArray<string>
  /** Most differences that are reported one by one; 50 when absent. All are counted. */
  readonly limit?: number
  readonly onProgress?: (compared: number) => Effect.Effect<void>
}

/**
 * Compares. Documents that a change is on its way to are looked at once more after a second.
 *
 * @example
 * ```ts
 * const { added, changed, removed } = yield* Diff.run(VnView)
 * ```
 */
export const run = <R>(
  view: View<R>,
  options: Options = {}
): Effect.Effect<Report, Fault.Infrastructure, R | ViewStore> =>
  Effect.gen(function*() {
    const store = yield* ViewStore
    const collection = Generations.collection(view.name, (yield* Generations.read(view.name)).live)
    const limit = options.limit ?? 50
    const counts = { added: 0, removed: 0, changed: 0 }
    const differences: Array<Difference> = []
    let compared = 0

    const compare = (ids: ReadonlyArray<string>) =>
      Effect.gen(function*() {
        const doubtful = (yield* different(view, store, collection, ids)).map(({ id }) => id)
        if (doubtful.length > 0) yield* Effect.sleep("1 second")
        for (const one of yield* different(view, store, collection, doubtful)) {
          counts[one.kind]++
          if (differences.length < limit) differences.push(one)
        }
        compared += ids.length
        yield* options.onProgress?.(compared) ?? Effect.void
      })

    if (options.ids !== undefined) {
      yield* compare([...new Set(options.ids)])
    } else {
      const there = new Set<string>()
      let after: string | undefined
      for (let ids = yield* view.keys(after, pageSize); ids.length > 0; ids = yield* view.keys(after, pageSize)) {
        for (const id of ids) there.add(id)
        yield* compare(ids)
        after = ids.at(-1)
      }
      // What is shown, and is not there.
      let last: { readonly keys: []; readonly id: string } | undefined
      while (true) {
        const page = yield* store.find(collection, {
          where: [],
          sort: [],
          limit: pageSize,
          ...(last === undefined ? {} : { after: last })
        })
        const id = page.at(-1)?.id
        if (id === undefined) break
        yield* compare(page.map((document) => document.id).filter((id) => !there.has(id)))
        last = { keys: [], id }
      }
    }
    return { compared, ...counts, differences }
  })

const pageSize = 500

const different = <R>(
  view: View<R>,
  store: ViewStore["Service"],
  collection: string,
  ids: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<Difference>, Fault.Infrastructure, R> =>
  ids.length === 0 ? Effect.succeed([]) : Effect.gen(function*() {
    const derived = yield* Refresh.derive(view, ids)
    const held = new Map((yield* store.read(collection, ids)).map((document) => [document.id, document]))
    return derived.flatMap((document) => {
      const one = difference(held.get(document.id), document)
      return one === undefined ? [] : [one]
    })
  })

const difference = (held: ViewDocument | undefined, derived: ViewDocument): Difference | undefined => {
  const isThere = held !== undefined && !held.deleted
  if (derived.deleted) return isThere ? { id: derived.id, kind: "removed", patch: [], fields: [] } : undefined
  if (!isThere) return { id: derived.id, kind: "added", patch: [], fields: [] }
  const fields = Object.keys({ ...held.fields, ...derived.fields })
    .filter((name) => !isDeepStrictEqual(held.fields[name], derived.fields[name]))
  const patch = held.etag === derived.etag ? [] : JsonPatch.get(parse(held), parse(derived))
  return fields.length === 0 && patch.length === 0 ? undefined : { id: derived.id, kind: "changed", patch, fields }
}

const parse = ({ bytes }: ViewDocument): Schema.Json => JSON.parse(new TextDecoder().decode(bytes))

/** Deriving documents again, and saying what came of it. */
import type { Fault } from "@kanau/core"
import type { Bus } from "@kanau/messaging"
import { Database } from "@kanau/postgres"
import { Generations, Refresh, type View, ViewStore } from "@kanau/views"
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import { isDeepStrictEqual } from "node:util"

/** Documents, counted. */
export interface Refreshed {
  readonly view: string
  readonly derived: number
  /** Of these, that are shown in a newer version now. */
  readonly written: number
  /** Of those written, that were different before. */
  readonly changed: number
  /** Of those derived, that are about nothing there is. */
  readonly absent: number
}

type Needs = SqlClient.SqlClient | ViewStore.ViewStore | Bus.Bus

/**
 * Derives these documents from PostgreSQL, or all that are there or shown. Safe beside everything else that writes: a
 * document is only ever replaced by a later derivation.
 */
export const refresh = (
  view: View.View<SqlClient.SqlClient>,
  ids: ReadonlyArray<string> | "all",
  onProgress: (done: number, total: number) => Effect.Effect<void>
): Effect.Effect<Refreshed, Fault.Infrastructure, Needs> =>
  Effect.gen(function*() {
    const store = yield* ViewStore.ViewStore
    const sum = { derived: 0, written: 0, changed: 0, absent: 0 }
    const shown = Effect.map(Generations.read(view.name), ({ live }) => Generations.collection(view.name, live))
    const total = ids === "all" ? yield* store.count(yield* shown) : ids.length

    const some = (page: ReadonlyArray<string>) =>
      Effect.gen(function*() {
        const before = new Map((yield* store.read(yield* shown, page)).map((one) => [one.id, one]))
        // A document damaged by hand has the version of what it was: only a later one replaces it.
        yield* Database.advance
        yield* Refresh.documents(view, page)
        for (const now of yield* store.read(yield* shown, page)) {
          const held = before.get(now.id)
          if (now.deleted) sum.absent++
          if (held?.version === now.version) continue
          sum.written++
          if (!isSame(held, now)) sum.changed++
        }
        sum.derived += page.length
        yield* onProgress(sum.derived, Math.max(total, sum.derived))
      })

    if (ids === "all") {
      const there = new Set<string>()
      let after: string | undefined
      for (let page = yield* view.keys(after, size); page.length > 0; page = yield* view.keys(after, size)) {
        for (const id of page) there.add(id)
        yield* some(page)
        after = page.at(-1)
      }
      yield* forEachShown(yield* shown, (page) => some(page.filter((id) => !there.has(id))))
    } else {
      const wanted = [...new Set(ids)]
      for (let at = 0; at < wanted.length; at += size) yield* some(wanted.slice(at, at + size))
    }
    return { view: view.name, ...sum }
  })

const size = 200

/** What is shown and not there any more was missed by somebody. */
const forEachShown = <E, R>(
  collection: string,
  visit: (ids: ReadonlyArray<string>) => Effect.Effect<void, E, R>
): Effect.Effect<void, E | Fault.Unavailable, R | ViewStore.ViewStore> =>
  Effect.gen(function*() {
    const store = yield* ViewStore.ViewStore
    let last: string | undefined
    while (true) {
      const page = yield* store.find(collection, {
        where: [],
        sort: [],
        limit: size,
        ...(last === undefined ? {} : { after: { keys: [], id: last } })
      })
      last = page.at(-1)?.id
      if (last === undefined) return
      yield* visit(page.map(({ id }) => id))
    }
  })

const isSame = (held: ViewStore.ViewDocument | undefined, now: ViewStore.ViewDocument): boolean =>
  held === undefined
    ? now.deleted
    : held.deleted === now.deleted && held.etag === now.etag && isDeepStrictEqual(held.fields, now.fields) &&
      Buffer.compare(held.bytes, now.bytes) === 0

/** Merges rows without revisions, and tells whose lists and accounts they are. */
import { Outbox } from "@kanau/postgres"
import { Effect } from "effect"
import { ListChanged, UserChanged, UserDeleted } from "../../../community/events.ts"
import * as Comparing from "../../entities/imports/Comparing.ts"
import * as Lists from "../../entities/imports/Lists.ts"
import * as Things from "../../entities/imports/Things.ts"
import { lists, type Table, things, votes } from "../../import/columns.ts"
import { SourceImported, ThingChanged } from "../../importEvents.ts"
import { type OnProgress, step } from "./progress.ts"

const pagesPerCopy = 4000

/** So many pages of what is told of users are compared and announced, also into an empty table. */
const pagesToAnnounce = 500

/** What entries refer to, and users: how many rows were written, and whether users were too many to tell. */
export const mergeThings = Effect.fnUntraced(function*(onProgress: OnProgress, quietFrom: number) {
  let written = 0
  let quiet = false
  const users = Effect.map(putUsers(quietFrom), (put) => {
    quiet = put.quiet
    return put.written
  })
  for (const [done, table] of things.entries()) {
    written += yield* step(
      table === "extlinks" ? Things.putLinks : table === "users" ? users : putThings(table)
    )
    yield* onProgress({ step: "merge", what: table, done: done + 1, total: things.length })
  }
  return { written, quiet }
})

const putThings = Effect.fnUntraced(function*(table: Exclude<(typeof things)[number], "extlinks" | "users">) {
  const first = yield* Comparing.isFirst
  const { changed, written } = yield* Things.putThings({ table })
  // Pages show nothing of anime. What the first import brings nobody has shown before.
  if (!first && table !== "anime") yield* announce(changed.map((id) => new ThingChanged({ table, id })))
  return written
})

/** What entries refer to and only imports bring, where it is no longer in the dump; how many rows. */
export const removeThings = step(Effect.gen(function*() {
  const gone = yield* Things.removeWikidata
  yield* announce(gone.map((id) => new ThingChanged({ table: "wikidata", id })))
  return gone.length + (yield* Things.removeAnime)
}))

/** Notes where the data are from, and tells it when that is news. */
export const putSource = (source: Parameters<typeof Things.putSource>[0]) =>
  step(Effect.gen(function*() {
    if (yield* Things.putSource(source)) yield* announce([new SourceImported({ id: source.name })])
  }))

const putUsers = Effect.fnUntraced(function*(quietFrom: number) {
  const first = yield* Comparing.isFirst
  const ids = yield* Things.putUsers
  const quiet = first && ids.length > quietFrom
  if (!quiet) yield* announce(ids.map((id) => new UserChanged({ id })))
  return { written: ids.length, quiet }
})

/** Users who are no longer in the dump; how many. */
export const removeUsers = (at: string) =>
  step(Effect.gen(function*() {
    const ids = yield* Things.removeUsers({ at })
    yield* announce(ids.map((id) => new UserDeleted({ id, by: "import" })))
    return ids.length
  }))

/** Votes and lists: how many rows came and went, and whether there were so many that nobody was told. */
export const mergeRows = Effect.fnUntraced(function*(onProgress: OnProgress, quiet: boolean) {
  const result = { added: 0, removed: 0, quiet }
  const compared: Array<Table> = []
  for (const table of [...votes, ...lists]) {
    const pages = yield* step(Things.countPages({ table }))
    const told = table === "vn_length_votes" || (lists as ReadonlyArray<Table>).includes(table)
    if (!(yield* step(Things.isTableEmpty({ table }))) || (told && !quiet && pages <= pagesToAnnounce)) {
      compared.push(table)
      continue
    }
    for (let from = 0; from < pages; from += pagesPerCopy) {
      const to = Math.min(from + pagesPerCopy, pages)
      result.added += yield* step(Things.copyPages({ table, from, to }))
      yield* onProgress({ step: "merge", what: table, done: to, total: pages })
    }
    if (told) result.quiet = true
  }
  // Rows change together with what is told of them.
  yield* step(Effect.gen(function*() {
    for (const [done, table] of compared.entries()) {
      const { added, removed } = yield* Things.syncRows({ table })
      result.added += added
      result.removed += removed
      yield* onProgress({ step: "merge", what: table, done: done + 1, total: compared.length })
    }
    if (quiet) return
    for (let after = "";;) {
      const changed = yield* Lists.changedAfter({ uid: after, limit: 200 })
      const last = changed.at(-1)
      if (last === undefined) break
      yield* announce(changed.map(({ releases, user, vns }) => new ListChanged({ user, vns, releases })))
      after = last.user
    }
    for (let after = "";;) {
      const timed = yield* Lists.timedAfter({ uid: after, limit: 1000 })
      const last = timed.at(-1)
      if (last === undefined) return
      yield* announce(timed.map((id) => new UserChanged({ id })))
      after = last
    }
  }))
  return result
})

const announce = (events: ReadonlyArray<object>) => Effect.flatMap(Outbox.Outbox, (outbox) => outbox.appendAll(events))

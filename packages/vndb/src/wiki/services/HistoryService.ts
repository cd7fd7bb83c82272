/** Looks back at the revisions of an entry. */
import { Processor } from "@kanau/core"
import { Database } from "@kanau/postgres"
import { Effect, JsonPatch, type Schema } from "effect"
import * as Entries from "../entities/Entries.ts"
import * as Revisions from "../entities/Revisions.ts"
import { kindOf } from "../kinds.ts"
import { EntryNotFound, RevisionNotFound } from "../operations/faults.ts"
import { DiffRevisions, FindRevision, ListRevisions } from "../operations/transitions.ts"

/** What a revision was, with the revision the entry has now if nobody has edited it here yet. */
const revisionOf = Effect.fnUntraced(function*(id: string, revision: number) {
  const kept = yield* Revisions.findRevision({ id, revision })
  if (kept !== undefined) return { ...kept, at: kept.at.getTime(), id }
  const found = yield* Entries.findEntry({ kind: kindOf(id), id })
  if (found === undefined) return yield* new EntryNotFound({ id })
  if (found.revision !== revision) return yield* new RevisionNotFound({ id, revision })
  return { id, revision, at: 0, by: "", action: "imported", summary: "", content: found.content }
})

const find = Effect.fnUntraced(function*({ id, revision }: FindRevision) {
  const { content, ...found } = yield* revisionOf(id, revision)
  return { ...found, content: content as Schema.JsonObject }
}, Database.faults)

const list = Effect.fnUntraced(function*({ below = 2 ** 31 - 1, id, limit = 50 }: ListRevisions) {
  const found = yield* Entries.findEntry({ kind: kindOf(id), id })
  if (found === undefined) return yield* new EntryNotFound({ id })
  const rows = yield* Revisions.listRevisions({ id, below, limit: limit + 1 })
  const revisions = rows.slice(0, limit).map((row) => ({ ...row, at: row.at.getTime() }))
  return { revisions, more: rows.length > limit }
}, Database.faults)

const diff = Effect.fnUntraced(function*({ from, id, to }: DiffRevisions) {
  const older = yield* revisionOf(id, from)
  const newer = yield* revisionOf(id, to)
  const patch = JsonPatch.get(older.content as Schema.JsonObject, newer.content as Schema.JsonObject)
  return { id, from, to, patch }
}, Database.faults)

export const handlers = [
  Processor.on(FindRevision, find),
  Processor.on(ListRevisions, list),
  Processor.on(DiffRevisions, diff)
] as const

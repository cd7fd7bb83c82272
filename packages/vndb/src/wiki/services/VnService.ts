/**
 * Decides about visual novels. Each mutation is one transaction: it locks the entry, writes it, bumps its revision and
 * appends its event.
 */
import { Principal, Processor } from "@kanau/core"
import { Database } from "@kanau/postgres"
import { Effect, Option } from "effect"
import * as EntryMeta from "../entities/EntryMeta.ts"
import * as Vns from "../entities/Vns.ts"
import { VnCreated, VnDeleted, VnEdited } from "../events.ts"
import { CreateVn, DeleteVn, EditVn, FindVn, InconsistentEntry, RevisionConflict, VnNotFound } from "../operations.ts"
import { saved } from "./saved.ts"

const create = Effect.fnUntraced(function*(input: CreateVn) {
  const entry = yield* consistent({ length: 0, devstatus: 0, alias: "", description: "", ...input })
  const id = yield* Vns.nextVnId
  yield* Vns.putVn({ id, entry })
  return yield* saved(new VnCreated({ id, revision: yield* EntryMeta.bumpRevision({ id }) }))
}, Database.transaction)

const edit = Effect.fnUntraced(function*({ id, revision: expected, ...changes }: EditVn) {
  const actual = yield* EntryMeta.lockRevision({ id })
  const found = yield* Vns.findVn({ id })
  if (actual === undefined || Option.isNone(found)) return yield* new VnNotFound({ id })
  if (expected !== undefined && expected !== actual) return yield* new RevisionConflict({ id, expected, actual })
  yield* Vns.putVn({ id, entry: yield* consistent({ ...found.value, ...changes }) })
  return yield* saved(new VnEdited({ id, revision: yield* EntryMeta.bumpRevision({ id }) }))
}, Database.transaction)

const remove = Effect.fnUntraced(function*({ id }: DeleteVn) {
  yield* EntryMeta.lockRevision({ id })
  const { name } = yield* Principal.Principal
  if (!(yield* Vns.deleteVn({ id, by: name }))) return yield* new VnNotFound({ id })
  return yield* saved(new VnDeleted({ id, revision: yield* EntryMeta.bumpRevision({ id }) }))
}, Database.transaction)

const find = Effect.fnUntraced(function*({ id }: FindVn) {
  const found = yield* Vns.findVn({ id })
  return Option.isSome(found) ? found.value : yield* new VnNotFound({ id })
}, Database.faults)

/** The stored part of an entry, if its titles include one in the original language. */
const consistent = (entry: Vns.VnEntry): Effect.Effect<Vns.VnEntry, InconsistentEntry> =>
  entry.titles.some(({ lang }) => lang === entry.olang)
    ? Effect.succeed({
      olang: entry.olang,
      titles: entry.titles,
      length: entry.length,
      devstatus: entry.devstatus,
      alias: entry.alias,
      description: entry.description
    })
    : Effect.fail(new InconsistentEntry({ rule: `titles: one in the original language (${entry.olang}) is needed` }))

export const handlers = [
  Processor.on(CreateVn, create),
  Processor.on(EditVn, edit),
  Processor.on(DeleteVn, remove),
  Processor.on(FindVn, find)
] as const

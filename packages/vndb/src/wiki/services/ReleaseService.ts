/**
 * Decides about releases. Each mutation is one transaction: it locks the entry, writes it, bumps its revision and
 * appends its event, which names every visual novel the release belongs to or belonged to.
 */
import { Processor } from "@kanau/core"
import { Database } from "@kanau/postgres"
import { Array, Effect, Option } from "effect"
import * as EntryMeta from "../entities/EntryMeta.ts"
import * as Releases from "../entities/Releases.ts"
import { existingVns } from "../entities/Vns.ts"
import { ReleaseCreated, ReleaseEdited } from "../events.ts"
import {
  CreateRelease,
  EditRelease,
  InconsistentEntry,
  ReleaseNotFound,
  RevisionConflict,
  VnNotFound
} from "../operations.ts"
import { saved } from "./saved.ts"

const defaults = { minage: null, official: true, patch: false, freeware: false, has_ero: false, notes: "" }

const create = Effect.fnUntraced(function*(input: CreateRelease) {
  const entry = yield* consistent({ ...defaults, ...input })
  const id = yield* Releases.nextReleaseId
  yield* Releases.putRelease({ id, entry })
  const revision = yield* EntryMeta.bumpRevision({ id })
  return yield* saved(new ReleaseCreated({ id, revision, vns: idsOf(entry.vns) }))
}, Database.transaction)

const edit = Effect.fnUntraced(function*({ id, revision: expected, ...changes }: EditRelease) {
  const actual = yield* EntryMeta.lockRevision({ id })
  const found = yield* Releases.findRelease({ id })
  if (actual === undefined || Option.isNone(found)) return yield* new ReleaseNotFound({ id })
  if (expected !== undefined && expected !== actual) return yield* new RevisionConflict({ id, expected, actual })
  const entry = yield* consistent({ ...found.value, ...changes })
  yield* Releases.putRelease({ id, entry })
  const revision = yield* EntryMeta.bumpRevision({ id })
  const vns = Array.union(idsOf(found.value.vns), idsOf(entry.vns))
  return yield* saved(new ReleaseEdited({ id, revision, vns }))
}, Database.transaction)

/** The stored part of an entry, if it has a title in its language and its visual novels exist. */
const consistent = Effect.fnUntraced(function*(entry: Releases.ReleaseEntry) {
  if (!entry.titles.some(({ lang, title }) => lang === entry.olang && title !== null)) {
    return yield* new InconsistentEntry({ rule: `titles: one in the original language (${entry.olang}) is needed` })
  }
  const ids = idsOf(entry.vns)
  const existing = Array.isReadonlyArrayNonEmpty(ids) ? yield* existingVns({ ids }) : []
  const missing = ids.find((id) => !existing.includes(id))
  if (missing !== undefined) return yield* new VnNotFound({ id: missing })
  return {
    olang: entry.olang,
    titles: entry.titles,
    vns: entry.vns,
    released: entry.released,
    minage: entry.minage,
    official: entry.official,
    patch: entry.patch,
    freeware: entry.freeware,
    has_ero: entry.has_ero,
    notes: entry.notes
  }
})

const idsOf = (vns: ReadonlyArray<Releases.ReleaseVnRow>): ReadonlyArray<string> => vns.map(({ id }) => id)

export const handlers = [Processor.on(CreateRelease, create), Processor.on(EditRelease, edit)] as const

/** What can be done with an entry of any kind: put it away, protect it, go back, look back. */
import { Layers, Operation } from "@kanau/core"
import { Schema } from "effect"
import { EntryId } from "../vocabulary.ts"
import { RevisionContent, RevisionDiff, RevisionInfo, Saved } from "./answers.ts"
import { summary } from "./entries.ts"
import { EntryLocked, EntryNotFound, InconsistentEntry, RevisionNotFound } from "./faults.ts"

const transition = (text: string) => ({
  summary: text,
  input: { id: EntryId, ...summary },
  output: Saved,
  errors: [EntryNotFound, Layers.PermissionDenied] as const
})

export class DeleteEntry extends Operation.define<DeleteEntry>()("DeleteEntry", {
  ...transition("Delete an entry; it can be restored"),
  errors: [EntryNotFound, EntryLocked, Layers.PermissionDenied]
}) {}
export class RestoreEntry
  extends Operation.define<RestoreEntry>()("RestoreEntry", transition("Bring a deleted entry back"))
{}
export class HideEntry
  extends Operation.define<HideEntry>()("HideEntry", transition("Show an entry to editors only"))
{}
export class ShowEntry
  extends Operation.define<ShowEntry>()("ShowEntry", transition("Show a hidden entry to everybody"))
{}
export class LockEntry extends Operation.define<LockEntry>()("LockEntry", transition("Protect an entry from edits")) {}
export class UnlockEntry
  extends Operation.define<UnlockEntry>()("UnlockEntry", transition("Let an entry be edited again"))
{}

export class RevertEntry extends Operation.define<RevertEntry>()("RevertEntry", {
  summary: "Make an entry what it was at a revision; this is an edit like any other",
  input: { id: EntryId, revision: Schema.Int, ...summary },
  output: Saved,
  errors: [EntryNotFound, EntryLocked, RevisionNotFound, InconsistentEntry, Layers.PermissionDenied]
}) {}

export class ListRevisions extends Operation.define<ListRevisions>()("ListRevisions", {
  summary: "The history of an entry, the newest revision first",
  input: {
    id: EntryId,
    /** Only revisions below this one. */
    below: Schema.optionalKey(Schema.Int),
    /** 50 when absent. */
    limit: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 200 })))
  },
  output: Schema.Struct({ revisions: Schema.Array(RevisionInfo), more: Schema.Boolean }).annotate({
    identifier: "RevisionList"
  }),
  errors: [EntryNotFound]
}) {}

export class FindRevision extends Operation.define<FindRevision>()("FindRevision", {
  summary: "What an entry was at a revision",
  input: { id: EntryId, revision: Schema.Int },
  output: RevisionContent,
  errors: [EntryNotFound, RevisionNotFound]
}) {}

export class DiffRevisions extends Operation.define<DiffRevisions>()("DiffRevisions", {
  summary: "What changed between two revisions of an entry",
  input: { id: EntryId, from: Schema.Int, to: Schema.Int },
  output: RevisionDiff,
  errors: [EntryNotFound, RevisionNotFound]
}) {}

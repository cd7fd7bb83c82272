/** What can be done with visual novels and releases. */
import { Fault, Operation } from "@kanau/core"
import { Schema, Struct } from "effect"
import * as Words from "./vocabulary.ts"

/** There is no such visual novel, or it was deleted. */
export class VnNotFound extends Fault.define<VnNotFound>()(
  "VnNotFound",
  "not-found",
  { id: Schema.String },
  (fault) => `There is no visual novel ${fault.id}.`
) {}

/** There is no such release. */
export class ReleaseNotFound extends Fault.define<ReleaseNotFound>()(
  "ReleaseNotFound",
  "not-found",
  { id: Schema.String },
  (fault) => `There is no release ${fault.id}.`
) {}

/** The entry was edited since the revision the edit was based on. */
export class RevisionConflict extends Fault.define<RevisionConflict>()(
  "RevisionConflict",
  "conflict",
  { id: Schema.String, expected: Schema.Int, actual: Schema.Int },
  (fault) => `${fault.id} is at revision ${fault.actual}, not ${fault.expected}; read it again and repeat the edit.`
) {}

/** The entry as it would be breaks a rule that spans several fields. */
export class InconsistentEntry extends Fault.define<InconsistentEntry>()(
  "InconsistentEntry",
  "invalid-input",
  { rule: Schema.String },
  (fault) => fault.rule
) {}

/** Answer to every mutation. `position` is the causal token that reads may send as `Kanau-After`. */
export const Saved = Schema.Struct({
  id: Schema.String,
  revision: Schema.Int,
  position: Schema.String
}).annotate({ identifier: "Saved" })

const vnEssentials = { olang: Words.Language, titles: Words.titlesOf(Words.VnTitle) }

const vnDetails = {
  length: Words.Length,
  devstatus: Words.DevStatus,
  alias: Words.Aliases,
  description: Words.Description
}

/** A visual novel as editors see it: the truth, not the public view. */
export const Vn = Schema.Struct({ id: Words.VnId, revision: Schema.Int, ...vnEssentials, ...vnDetails }).annotate({
  identifier: "Vn"
})

const releaseEssentials = {
  olang: Words.Language,
  titles: Words.titlesOf(Words.ReleaseTitle),
  vns: Schema.Array(Words.ReleaseVn).check(
    Schema.isMinLength(1),
    Schema.isMaxLength(100),
    Schema.makeFilter((vns: ReadonlyArray<typeof Words.ReleaseVn.Type>) =>
      new Set(vns.map(({ id }) => id)).size === vns.length || "each visual novel once"
    )
  ),
  released: Words.ReleaseDate
}

const releaseDetails = {
  minage: Schema.NullOr(Words.MinAge),
  official: Schema.Boolean,
  patch: Schema.Boolean,
  freeware: Schema.Boolean,
  has_ero: Schema.Boolean,
  notes: Words.Description
}

/** The same fields, each of which may be left out. */
const optional = Struct.map(Schema.optionalKey)

const expectedRevision = {
  /** Refuse the edit unless the entry is at this revision. */
  revision: Schema.optionalKey(Schema.Int)
}

export class CreateVn extends Operation.define<CreateVn>()("CreateVn", {
  summary: "Add a visual novel",
  input: { ...vnEssentials, ...optional(vnDetails) },
  output: Saved,
  errors: [InconsistentEntry]
}) {}

export class EditVn extends Operation.define<EditVn>()("EditVn", {
  summary: "Change a visual novel; what is left out stays as it is",
  input: { id: Words.VnId, ...expectedRevision, ...optional(vnEssentials), ...optional(vnDetails) },
  output: Saved,
  errors: [VnNotFound, RevisionConflict, InconsistentEntry]
}) {}

export class DeleteVn extends Operation.define<DeleteVn>()("DeleteVn", {
  summary: "Delete a visual novel",
  input: { id: Words.VnId },
  output: Saved,
  errors: [VnNotFound]
}) {}

export class FindVn extends Operation.define<FindVn>()("FindVn", {
  summary: "The visual novel as it stands in the database, for editing",
  input: { id: Words.VnId },
  output: Vn,
  errors: [VnNotFound]
}) {}

export class CreateRelease extends Operation.define<CreateRelease>()("CreateRelease", {
  summary: "Add a release of one or more visual novels",
  input: { ...releaseEssentials, ...optional(releaseDetails) },
  output: Saved,
  errors: [VnNotFound, InconsistentEntry]
}) {}

export class EditRelease extends Operation.define<EditRelease>()("EditRelease", {
  summary: "Change a release; what is left out stays as it is",
  input: { id: Words.ReleaseId, ...expectedRevision, ...optional(releaseEssentials), ...optional(releaseDetails) },
  output: Saved,
  errors: [ReleaseNotFound, VnNotFound, RevisionConflict, InconsistentEntry]
}) {}

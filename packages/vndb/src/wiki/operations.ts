/** What can be done with visual novels and releases. */
import { Fault, Operation } from "@kanau/core"
import { Schema } from "effect"
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

const vnFields = {
  olang: Words.Language,
  titles: Words.titlesOf(Words.VnTitle),
  length: Words.Length,
  devstatus: Words.DevStatus,
  alias: Words.Aliases,
  description: Words.Description
}

/** A visual novel as editors see it: the truth, not the public view. */
export const Vn = Schema.Struct({ id: Words.VnId, revision: Schema.Int, ...vnFields }).annotate({ identifier: "Vn" })

const releaseFields = {
  olang: Words.Language,
  titles: Words.titlesOf(Words.ReleaseTitle),
  vns: Schema.Array(Words.ReleaseVn).check(
    Schema.isMinLength(1),
    Schema.isMaxLength(100),
    Schema.makeFilter((vns: ReadonlyArray<typeof Words.ReleaseVn.Type>) =>
      new Set(vns.map(({ id }) => id)).size === vns.length || "each visual novel once"
    )
  ),
  released: Words.ReleaseDate,
  minage: Schema.NullOr(Words.MinAge),
  official: Schema.Boolean,
  patch: Schema.Boolean,
  freeware: Schema.Boolean,
  has_ero: Schema.Boolean,
  notes: Words.Description
}

const expectedRevision = {
  /** Refuse the edit unless the entry is at this revision. */
  revision: Schema.optionalKey(Schema.Int)
}

export class CreateVn extends Operation.define<CreateVn>()("CreateVn", {
  summary: "Add a visual novel",
  input: {
    olang: vnFields.olang,
    titles: vnFields.titles,
    length: Schema.optionalKey(vnFields.length),
    devstatus: Schema.optionalKey(vnFields.devstatus),
    alias: Schema.optionalKey(vnFields.alias),
    description: Schema.optionalKey(vnFields.description)
  },
  output: Saved,
  errors: [InconsistentEntry]
}) {}

export class EditVn extends Operation.define<EditVn>()("EditVn", {
  summary: "Change a visual novel; what is left out stays as it is",
  input: {
    id: Words.VnId,
    ...expectedRevision,
    olang: Schema.optionalKey(vnFields.olang),
    titles: Schema.optionalKey(vnFields.titles),
    length: Schema.optionalKey(vnFields.length),
    devstatus: Schema.optionalKey(vnFields.devstatus),
    alias: Schema.optionalKey(vnFields.alias),
    description: Schema.optionalKey(vnFields.description)
  },
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
  input: {
    olang: releaseFields.olang,
    titles: releaseFields.titles,
    vns: releaseFields.vns,
    released: releaseFields.released,
    minage: Schema.optionalKey(releaseFields.minage),
    official: Schema.optionalKey(releaseFields.official),
    patch: Schema.optionalKey(releaseFields.patch),
    freeware: Schema.optionalKey(releaseFields.freeware),
    has_ero: Schema.optionalKey(releaseFields.has_ero),
    notes: Schema.optionalKey(releaseFields.notes)
  },
  output: Saved,
  errors: [VnNotFound, InconsistentEntry]
}) {}

export class EditRelease extends Operation.define<EditRelease>()("EditRelease", {
  summary: "Change a release; what is left out stays as it is",
  input: {
    id: Words.ReleaseId,
    ...expectedRevision,
    olang: Schema.optionalKey(releaseFields.olang),
    titles: Schema.optionalKey(releaseFields.titles),
    vns: Schema.optionalKey(releaseFields.vns),
    released: Schema.optionalKey(releaseFields.released),
    minage: Schema.optionalKey(releaseFields.minage),
    official: Schema.optionalKey(releaseFields.official),
    patch: Schema.optionalKey(releaseFields.patch),
    freeware: Schema.optionalKey(releaseFields.freeware),
    has_ero: Schema.optionalKey(releaseFields.has_ero),
    notes: Schema.optionalKey(releaseFields.notes)
  },
  output: Saved,
  errors: [ReleaseNotFound, VnNotFound, RevisionConflict, InconsistentEntry]
}) {}

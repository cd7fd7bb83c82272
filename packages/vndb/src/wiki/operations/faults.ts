/** What can be wrong with an edit. */
import { Fault } from "@kanau/core"
import { Schema } from "effect"

/** There is no such entry, or it was deleted. */
export class EntryNotFound extends Fault.define<EntryNotFound>()(
  "EntryNotFound",
  "not-found",
  { id: Schema.String },
  (fault) => `There is no entry ${fault.id}.`
) {}

/** There is no such revision of the entry, or it is older than what was kept. */
export class RevisionNotFound extends Fault.define<RevisionNotFound>()(
  "RevisionNotFound",
  "not-found",
  { id: Schema.String, revision: Schema.Int },
  (fault) => `There is no revision ${fault.revision} of ${fault.id}.`
) {}

/** The entry was edited since the revision the edit was based on. */
export class RevisionConflict extends Fault.define<RevisionConflict>()(
  "RevisionConflict",
  "conflict",
  { id: Schema.String, expected: Schema.Int, actual: Schema.Int },
  (fault) => `${fault.id} is at revision ${fault.actual}, not ${fault.expected}; read it again and repeat the edit.`
) {}

/** The entry is protected from edits. */
export class EntryLocked extends Fault.define<EntryLocked>()(
  "EntryLocked",
  "conflict",
  { id: Schema.String },
  (fault) => `${fault.id} is locked; somebody who may unlock entries has to do so first.`
) {}

/** The entry as it would be breaks a rule that spans several fields, or refers to what is not there. */
export class InconsistentEntry extends Fault.define<InconsistentEntry>()(
  "InconsistentEntry",
  "invalid-input",
  { rule: Schema.String },
  (fault) => fault.rule
) {}

/** What operations on entries answer. */
import { Schema } from "effect"

/** Answer to every mutation. `position` is the causal token that reads may send as `Kanau-After`. */
export const Saved = Schema.Struct({
  id: Schema.String,
  revision: Schema.Int,
  position: Schema.String
}).annotate({ identifier: "Saved" })

/** One revision in the history of an entry. */
export const RevisionInfo = Schema.Struct({
  revision: Schema.Int,
  /** Milliseconds since the epoch. */
  at: Schema.Int,
  /** Who made it; empty for what was imported. */
  by: Schema.String,
  action: Schema.String,
  summary: Schema.String
}).annotate({ identifier: "RevisionInfo" })

/** What an entry was at a revision, in the members its editors see. */
export const RevisionContent = Schema.Struct({
  ...RevisionInfo.fields,
  id: Schema.String,
  content: Schema.Record(Schema.String, Schema.Json)
}).annotate({ identifier: "RevisionContent" })

/** From one revision to another, as JSON Patch (RFC 6902). */
export const RevisionDiff = Schema.Struct({
  id: Schema.String,
  from: Schema.Int,
  to: Schema.Int,
  patch: Schema.Array(Schema.Struct({
    op: Schema.Literals(["add", "remove", "replace"]),
    path: Schema.String,
    value: Schema.optionalKey(Schema.Json)
  }))
}).annotate({ identifier: "RevisionDiff" })

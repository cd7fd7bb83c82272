/** What an import tells beside what became of entries. Consumed by the view-manager. */
import { Message } from "@kanau/core"
import { Schema } from "effect"

/**
 * What entries show without being edited, by its table and number, came with other values, or is gone: pages show it anew.
 * Of Wikidata what is new is told, too: entries may have linked to it before.
 */
export class ThingChanged extends Message.event<ThingChanged>()("vndb.thing.changed", {
  fields: { table: Schema.Literals(["images", "wikidata", "drm", "engines"]), id: Schema.String },
  subject: ({ id, table }) => `${table}.${id}`
}) {}

/** A dump was imported completely. The id is the name of its origin. */
export class SourceImported extends Message.event<SourceImported>()("vndb.source.imported", {
  fields: { id: Schema.String },
  subject: ({ id }) => id
}) {}

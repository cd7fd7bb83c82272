/** The public page of where the data are from: how old they are, and what is due to whom. */
import { Schema } from "effect"

/** The origin that dumps are imported from. */
export const vndb = "vndb"

export const SourceId = Schema.String.check(Schema.isPattern(/^[a-z][a-z0-9-]{0,31}$/)).annotate({
  identifier: "SourceId"
})

export const SourcePage = Schema.Struct({
  id: SourceId,
  /** When the dump was made that was imported last, in UTC. What was edited here later is newer. */
  dumped_at: Schema.String,
  /** To be said wherever the data are shown. */
  attribution: Schema.String
}).annotate({ identifier: "Source" })

/** See `entities/Sources`. */
export type SourceFacts = Omit<typeof SourcePage.Type, "id">

export const sourcePage = ({ attribution, dumped_at }: SourceFacts, id: string): typeof SourcePage.Type => ({
  id,
  dumped_at,
  attribution
})

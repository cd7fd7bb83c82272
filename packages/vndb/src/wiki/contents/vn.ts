/** What people write about a visual novel. */
import { Schema } from "effect"
import * as Words from "../vocabulary.ts"

const Title = Schema.Struct({
  lang: Words.Language,
  official: Schema.Boolean,
  title: Words.Name,
  latin: Schema.NullOr(Words.Name)
}).annotate({ identifier: "VnTitle" })

const Relation = Schema.Struct({ vid: Words.VnId, relation: Words.VnRelation, official: Schema.Boolean }).annotate({
  identifier: "VnRelationRow"
})

const Edition = Schema.Struct({
  eid: Words.range(0, 32_767),
  lang: Schema.NullOr(Words.Language),
  official: Schema.Boolean,
  name: Words.Name
}).annotate({ identifier: "VnEdition" })

const Credit = Schema.Struct({
  aid: Words.Key,
  role: Words.CreditType,
  eid: Schema.NullOr(Schema.Int),
  note: Words.Note
}).annotate({ identifier: "VnCredit" })

const VoiceCredit = Schema.Struct({ cid: Words.CharacterId, aid: Words.Key, note: Words.Note }).annotate({
  identifier: "VnVoiceCredit"
})

/** Needed to add one. */
export const essentials = { olang: Words.Language, titles: Words.rows(Title, ["lang"], 60) }

export const details = {
  length: Words.Length,
  devstatus: Words.DevStatus,
  alias: Words.Aliases,
  description: Words.Description,
  relations: Words.rows(Relation, ["vid"]),
  anime: Words.rows(Schema.Struct({ aid: Words.Key }), ["aid"], 50),
  editions: Words.rows(Edition, ["eid"], 50),
  extlinks: Words.rows(Words.Extlink, ["site", "value"], 50),
  screenshots: Words.rows(
    Schema.Struct({ scr: Words.ScreenshotId, rid: Schema.NullOr(Words.ReleaseId) }),
    ["scr"],
    20
  ),
  staff: Words.rows(Credit, ["aid", "role", "eid"]),
  seiyuu: Words.rows(VoiceCredit, ["aid", "cid"])
}

/** What is not said. */
export const defaults = {
  length: 0,
  devstatus: 0,
  alias: "",
  description: "",
  relations: [],
  anime: [],
  editions: [],
  extlinks: [],
  screenshots: [],
  staff: [],
  seiyuu: []
}

/** A visual novel as its editors see it. */
export const Content = Schema.Struct({ ...essentials, ...details })

/** The rule that this content breaks. */
export const mistakeOf = (
  id: string,
  { editions, olang, relations, staff, titles }: typeof Content.Type
): string | undefined => {
  if (!titles.some(({ lang }) => lang === olang)) return `titles: one in the original language (${olang}) is needed`
  if (relations.some(({ vid }) => vid === id)) return "relations: a visual novel is not related to itself"
  const known = new Set(editions.map(({ eid }) => eid))
  if (staff.some(({ eid }) => eid !== null && !known.has(eid))) return "staff: eid must name one of the editions"
  return undefined
}

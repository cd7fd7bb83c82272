/** The public pages of producers, staff, tags, traits and quotes, and what lists and filters know of them. */
import { Schema } from "effect"
import { labels } from "../../kana/SearchText.ts"
import * as Words from "../vocabulary.ts"
import * as Links from "./links.ts"
import type { NameStub, TitleStub } from "./values.ts"
import * as Values from "./values.ts"

const { filled, numberOf } = Values
const nullable = Schema.NullOr
const list = Schema.Array

export const ProducerPage = Schema.Struct({
  id: Words.ProducerId,
  revision: Schema.Int,
  ...Values.nameStub,
  aliases: list(Schema.String),
  lang: Words.Language,
  type: Words.ProducerType,
  description: nullable(Schema.String),
  extlinks: list(Links.Link),
  relations: list(Schema.Struct({ id: Words.ProducerId, relation: Words.ProducerRelation, ...Values.nameStub }))
}).annotate({ identifier: "Producer" })

/** See `entities/facts/others`. */
export interface ProducerFacts extends Links.Linked {
  readonly row: {
    readonly id: string
    readonly type: string
    readonly lang: string
    readonly name: string
    readonly latin: string | null
    readonly alias: string
    readonly description: string
  }
  readonly relations: (typeof ProducerPage.Type)["relations"]
}

export const producerPage = ({ extlinks, relations, row, wikidata }: ProducerFacts, revision: number) => {
  const name = row.latin ?? row.name
  const page: typeof ProducerPage.Type = {
    id: row.id,
    revision,
    name,
    original: row.name === name ? null : row.name,
    aliases: Values.lines(row.alias),
    lang: row.lang,
    type: row.type,
    description: filled(row.description),
    extlinks: Links.links("p", extlinks, wikidata),
    relations
  }
  const fields = {
    num: numberOf(row.id),
    name,
    lang: row.lang,
    type: row.type,
    extlinks: Values.linkWords(extlinks),
    labels: labels([[row.name, 3], [row.latin, 3], ...page.aliases.map((alias) => [alias, 2] as const)])
  }
  return { page, fields }
}

export const StaffPage = Schema.Struct({
  id: Words.StaffId,
  revision: Schema.Int,
  /** The alias that the page is of. */
  aid: Schema.Int,
  ismain: Schema.Boolean,
  ...Values.nameStub,
  lang: Words.Language,
  gender: nullable(Schema.String),
  description: nullable(Schema.String),
  extlinks: list(Links.Link),
  aliases: list(Schema.Struct({
    aid: Schema.Int,
    name: Schema.String,
    latin: nullable(Schema.String),
    ismain: Schema.Boolean
  })),
  credits: list(Schema.Struct({ id: Words.VnId, role: Schema.String, ...Values.titleStub }))
}).annotate({ identifier: "Staff" })

export interface StaffFacts extends Links.Linked {
  readonly row: {
    readonly id: string
    readonly gender: string
    readonly lang: string
    readonly main: number
    readonly description: string
  }
  readonly alias: { readonly aid: number; readonly name: string; readonly latin: string | null }
  readonly aliases: (typeof StaffPage.Type)["aliases"]
  readonly credits: (typeof StaffPage.Type)["credits"]
}

export const staffPage = ({ alias, aliases, credits, extlinks, row, wikidata }: StaffFacts, revision: number) => {
  const name = alias.latin ?? alias.name
  const page: typeof StaffPage.Type = {
    id: row.id,
    revision,
    aid: alias.aid,
    ismain: row.main === alias.aid,
    name,
    original: alias.name === name ? null : alias.name,
    lang: row.lang,
    gender: filled(row.gender),
    description: filled(row.description),
    extlinks: Links.links("s", extlinks, wikidata),
    aliases,
    credits
  }
  const byVn = Map.groupBy(credits, ({ id }) => id)
  const fields = {
    num: numberOf(row.id),
    aid: alias.aid,
    name,
    ismain: page.ismain,
    lang: row.lang,
    gender: row.gender,
    type: "person",
    roles: [...new Set(credits.map(({ role }) => role))].toSorted(),
    vns: Array.from(byVn, ([id, rows]) => ({ id, roles: `/${rows.map(({ role }) => role).toSorted().join("/")}/` })),
    extlinks: Values.linkWords(extlinks),
    labels: labels([[alias.name, 3], [alias.latin, 3]])
  }
  return { page, fields }
}

const Parent = <Id extends Schema.Codec<string, string>>(id: Id) =>
  Schema.Struct({ id, name: Schema.String, main: Schema.Boolean })

export const TagPage = Schema.Struct({
  id: Words.TagId,
  revision: Schema.Int,
  name: Schema.String,
  aliases: list(Schema.String),
  description: nullable(Schema.String),
  category: Words.TagCategory,
  searchable: Schema.Boolean,
  applicable: Schema.Boolean,
  /** Visual novels with it or with a tag below it. */
  vn_count: Schema.Int,
  parents: list(Parent(Words.TagId))
}).annotate({ identifier: "Tag" })

interface WordFacts {
  readonly row: {
    readonly id: string
    readonly name: string
    readonly alias: string
    readonly description: string
    readonly searchable: boolean
    readonly applicable: boolean
  }
  readonly items: number
  readonly parents: ReadonlyArray<{ readonly id: string; readonly name: string; readonly main: boolean }>
}

export interface TagFacts extends WordFacts {
  readonly row: WordFacts["row"] & { readonly cat: string }
}

const wordFields = ({ items, row }: WordFacts) => ({
  num: numberOf(row.id),
  name: row.name,
  items,
  labels: labels([[row.name, 3], ...Values.lines(row.alias).map((alias) => [alias, 2] as const)])
})

export const tagPage = (facts: TagFacts, revision: number) => {
  const { items, parents, row } = facts
  const page: typeof TagPage.Type = {
    id: row.id,
    revision,
    name: row.name,
    aliases: Values.lines(row.alias),
    description: filled(row.description),
    category: row.cat,
    searchable: row.searchable,
    applicable: row.applicable,
    vn_count: items,
    parents
  }
  return { page, fields: { ...wordFields(facts), category: row.cat } }
}

export const TraitPage = Schema.Struct({
  id: Words.TraitId,
  revision: Schema.Int,
  name: Schema.String,
  aliases: list(Schema.String),
  description: nullable(Schema.String),
  searchable: Schema.Boolean,
  applicable: Schema.Boolean,
  sexual: Schema.Boolean,
  group_id: nullable(Words.TraitId),
  group_name: nullable(Schema.String),
  /** Characters with it or with a trait below it. */
  char_count: Schema.Int,
  parents: list(Parent(Words.TraitId))
}).annotate({ identifier: "Trait" })

export interface TraitFacts extends WordFacts {
  readonly row: WordFacts["row"] & { readonly gid: string | null; readonly sexual: boolean }
  readonly group: string | null
}

export const traitPage = (facts: TraitFacts, revision: number) => {
  const { group, items, parents, row } = facts
  const page: typeof TraitPage.Type = {
    id: row.id,
    revision,
    name: row.name,
    aliases: Values.lines(row.alias),
    description: filled(row.description),
    searchable: row.searchable,
    applicable: row.applicable,
    sexual: row.sexual,
    group_id: row.gid,
    group_name: group,
    char_count: items,
    parents
  }
  return { page, fields: wordFields(facts) }
}

export const QuotePage = Schema.Struct({
  id: Words.QuoteId,
  revision: Schema.Int,
  quote: Schema.String,
  score: Schema.Int,
  vn: Schema.Struct({ id: Words.VnId, ...Values.titleStub }),
  character: nullable(Schema.Struct({ id: Words.CharacterId, ...Values.nameStub }))
}).annotate({ identifier: "Quote" })

export interface QuoteFacts {
  readonly row: { readonly id: string; readonly quote: string; readonly score: number; readonly cid: string | null }
  readonly vn: TitleStub
  readonly character: NameStub | null
}

export const quotePage = ({ character, row, vn }: QuoteFacts, revision: number) => {
  const page: typeof QuotePage.Type = { id: row.id, revision, quote: row.quote, score: row.score, vn, character }
  return { page, fields: { num: numberOf(row.id), vn: vn.id, character: character?.id ?? null, score: row.score } }
}

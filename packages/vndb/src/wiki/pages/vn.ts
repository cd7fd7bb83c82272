/** The public page of a visual novel, and what lists and filters know of it. */
import { Schema } from "effect"
import { labels } from "../../kana/SearchText.ts"
import * as Words from "../vocabulary.ts"
import * as Links from "./links.ts"
import type { ImageFacts, NameStub, TitleStub } from "./values.ts"
import * as Values from "./values.ts"

const { filled, numberOf, partialDate } = Values
const nullable = Schema.NullOr
const list = Schema.Array

const PersonStub = {
  id: Words.StaffId,
  aid: Schema.Int,
  ismain: Schema.Boolean,
  ...Values.nameStub,
  lang: Words.Language,
  gender: nullable(Schema.String)
}

const ReleaseStub = Schema.Struct({ id: Words.ReleaseId, ...Values.titleStub }).annotate({ identifier: "ReleaseStub" })

const Tag = Schema.Struct({
  id: Words.TagId,
  /** 0 to 3, how much it applies. */
  rating: Schema.Finite,
  spoiler: Schema.Int,
  lie: Schema.Boolean,
  name: Schema.String,
  category: Schema.String
}).annotate({ identifier: "VnTag" })

const VnRelease = Schema.Struct({
  id: Words.ReleaseId,
  ...Values.titleStub,
  rtype: Words.ReleaseType,
  released: Values.PartialDate,
  official: Schema.Boolean,
  patch: Schema.Boolean,
  freeware: Schema.Boolean,
  minage: nullable(Schema.Int),
  languages: list(Schema.Struct({ lang: Words.Language, mtl: Schema.Boolean })),
  platforms: list(Schema.String)
}).annotate({ identifier: "VnRelease" })

export const VnPage = Schema.Struct({
  id: Words.VnId,
  revision: Schema.Int,
  /** The title in its original language, romanised where that script is not Latin. */
  title: Schema.String,
  /** The same in its original script; null where that is the title. */
  alttitle: nullable(Schema.String),
  titles: list(Schema.Struct({
    lang: Words.Language,
    title: Schema.String,
    latin: nullable(Schema.String),
    official: Schema.Boolean,
    main: Schema.Boolean
  })),
  aliases: list(Schema.String),
  olang: Words.Language,
  /** 0 finished, 1 in development, 2 cancelled. */
  devstatus: Schema.Int,
  /** Of the first official release that is no trial. */
  released: Values.PartialDate,
  /** What it can be read in by now. */
  languages: list(Schema.String),
  platforms: list(Schema.String),
  image: nullable(Values.Image),
  /** 1 very short to 5 very long. */
  length: nullable(Schema.Int),
  /** Median of the votes. */
  length_minutes: nullable(Schema.Int),
  length_votes: Schema.Int,
  description: nullable(Schema.String),
  /** 10 to 100. */
  average: nullable(Schema.Finite),
  /** Bayesian rating, 10 to 100. */
  rating: nullable(Schema.Finite),
  votecount: Schema.Int,
  screenshots: list(Schema.Struct({ ...Values.imageWithThumbnail, release: nullable(ReleaseStub) })),
  relations: list(Schema.Struct({
    id: Words.VnId,
    relation: Words.VnRelation,
    relation_official: Schema.Boolean,
    ...Values.titleStub
  })),
  tags: list(Tag),
  developers: list(Schema.Struct({ id: Words.ProducerId, ...Values.nameStub })),
  editions: list(Schema.Struct({
    eid: Schema.Int,
    lang: nullable(Words.Language),
    name: Schema.String,
    official: Schema.Boolean
  })),
  staff: list(Schema.Struct({
    eid: nullable(Schema.Int),
    role: Words.CreditType,
    note: nullable(Schema.String),
    ...PersonStub
  })),
  va: list(Schema.Struct({
    note: nullable(Schema.String),
    staff: Schema.Struct(PersonStub),
    character: Schema.Struct({ id: Words.CharacterId, ...Values.nameStub })
  })),
  extlinks: list(Links.Link),
  releases: list(VnRelease),
  /** Numbers of AniDB. */
  anime: list(Schema.Int)
}).annotate({ identifier: "Vn" })

type Page = typeof VnPage.Type

/** See `entities/facts/vn`. */
export interface VnFacts extends Links.Linked {
  readonly row: {
    readonly id: string
    readonly olang: string
    readonly length: number
    readonly devstatus: number
    readonly alias: string
    readonly description: string
  }
  readonly stats: {
    readonly released: number | null
    readonly languages: ReadonlyArray<string>
    readonly platforms: ReadonlyArray<string>
    readonly votecount: number
    readonly rating: number | null
    readonly average: number | null
    readonly length: number | null
    readonly lengthnum: number
  } | null
  readonly cover: ImageFacts | null
  readonly titles: Page["titles"]
  readonly relations: Page["relations"]
  readonly tags: Page["tags"]
  readonly inherited: ReadonlyArray<{ readonly t: string; readonly s: number; readonly l: number; readonly x: boolean }>
  readonly developers: ReadonlyArray<NameStub>
  readonly editions: Page["editions"]
  readonly staff: Page["staff"]
  readonly va: Page["va"]
  readonly screenshots: ReadonlyArray<{ readonly image: ImageFacts; readonly release: TitleStub | null }>
  readonly releases: ReadonlyArray<VnReleaseFacts>
  readonly anime: ReadonlyArray<number>
  readonly releaseTitles: ReadonlyArray<string>
}

type VnReleaseFacts = Omit<typeof VnRelease.Type, "released"> & { readonly released: number }

const none: NonNullable<VnFacts["stats"]> = {
  released: null,
  languages: [],
  platforms: [],
  votecount: 0,
  rating: null,
  average: null,
  length: null,
  lengthnum: 0
}

export const vnPage = (facts: VnFacts, revision: number): { readonly page: Page; readonly fields: object } => {
  const { row } = facts
  const stats = facts.stats ?? none
  const main = facts.titles.find((title) => title.main)
  const title = main?.latin ?? main?.title ?? ""
  const page: Page = {
    id: row.id,
    revision,
    title,
    alttitle: main !== undefined && main.title !== title ? main.title : null,
    titles: facts.titles,
    aliases: Values.lines(row.alias),
    olang: row.olang,
    devstatus: row.devstatus,
    released: partialDate(stats.released),
    languages: stats.languages,
    platforms: stats.platforms,
    image: facts.cover === null ? null : Values.image(facts.cover),
    length: Values.known(row.length),
    length_minutes: stats.length,
    length_votes: stats.lengthnum,
    description: filled(row.description),
    average: stats.average === null ? null : stats.average / 10,
    rating: stats.rating === null ? null : stats.rating / 10,
    votecount: stats.votecount,
    screenshots: facts.screenshots.map(({ image, release }) => ({ ...Values.image(image), release })),
    relations: facts.relations,
    tags: facts.tags,
    developers: facts.developers,
    editions: facts.editions,
    staff: facts.staff,
    va: facts.va,
    extlinks: Links.links("v", facts.extlinks, facts.wikidata),
    releases: facts.releases.map((release) => ({ ...release, released: partialDate(release.released) })),
    anime: facts.anime
  }
  return { page, fields: fieldsOf(facts, stats, title) }
}

/** The part of the page that changes by votes on tags. */
export const tagFields = ({ inherited, tags }: Pick<VnFacts, "inherited" | "tags">) => ({
  tags: inherited,
  dtags: tags.map((tag) => ({ t: tag.id, s: tag.spoiler, l: tag.rating, x: tag.lie }))
})

const fieldsOf = (facts: VnFacts, stats: NonNullable<VnFacts["stats"]>, title: string) => {
  const { row } = facts
  return {
    num: numberOf(row.id),
    title,
    released: stats.released ?? 0,
    rating: stats.rating,
    ratingup: stats.rating ?? 99_999,
    votecount: stats.votecount,
    olang: row.olang,
    langs: stats.languages,
    platforms: stats.platforms,
    length: stats.length === null ? [row.length] : lengthClasses(stats.length),
    devstatus: row.devstatus,
    has_description: row.description !== "",
    has_anime: facts.anime.length > 0,
    has_screenshot: facts.screenshots.length > 0,
    has_review: false,
    ...tagFields(facts),
    anime: facts.anime,
    developers: facts.developers.map(({ id }) => id),
    labels: labels([
      ...facts.titles.flatMap(({ latin, title }) => [[title, 3], [latin, 3]] as const),
      ...Values.lines(row.alias).map((alias) => [alias, 2] as const),
      ...facts.releaseTitles.map((release) => [release, 1, true] as const)
    ])
  }
}

/** Classes of length whose minutes, both ends included, hold these. */
const lengthClasses = (minutes: number): ReadonlyArray<number> =>
  minuteClasses.flatMap(([least, most], at) => minutes >= least && minutes <= most ? [at] : [])

const minuteClasses = [[0, 0], [1, 120], [120, 600], [600, 1800], [1800, 3000], [3000, Infinity]] as const

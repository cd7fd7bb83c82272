/** The public page of a release, and what lists and filters know of it. */
import { Schema } from "effect"
import { labels } from "../../kana/SearchText.ts"
import * as Words from "../vocabulary.ts"
import * as Links from "./links.ts"
import type { ImageFacts } from "./values.ts"
import * as Values from "./values.ts"

const { filled } = Values
const nullable = Schema.NullOr
const list = Schema.Array

export const ReleasePage = Schema.Struct({
  id: Words.ReleaseId,
  revision: Schema.Int,
  ...Values.titleStub,
  olang: Words.Language,
  languages: list(Schema.Struct({
    lang: Words.Language,
    /** Null: the same as in the original language. */
    title: nullable(Schema.String),
    latin: nullable(Schema.String),
    mtl: Schema.Boolean,
    main: Schema.Boolean
  })),
  platforms: list(Schema.String),
  media: list(Schema.Struct({ medium: Schema.String, qty: Schema.Int })),
  vns: list(Schema.Struct({ id: Words.VnId, rtype: Words.ReleaseType, ...Values.titleStub })),
  producers: list(Schema.Struct({
    id: Words.ProducerId,
    developer: Schema.Boolean,
    publisher: Schema.Boolean,
    ...Values.nameStub,
    lang: Words.Language,
    type: Words.ProducerType
  })),
  images: list(Schema.Struct({
    ...Values.imageWithThumbnail,
    type: Words.ReleaseImageType,
    /** Null: of all its visual novels. */
    vn: nullable(Words.VnId),
    /** Null: for all its languages. */
    languages: nullable(list(Schema.String)),
    photo: Schema.Boolean
  })),
  released: Values.PartialDate,
  minage: nullable(Schema.Int),
  patch: Schema.Boolean,
  freeware: Schema.Boolean,
  uncensored: nullable(Schema.Boolean),
  official: Schema.Boolean,
  has_ero: Schema.Boolean,
  /** `non-standard`, or width and height; null when it is not known. */
  resolution: nullable(Schema.Union([Schema.Literal("non-standard"), Schema.Tuple([Schema.Int, Schema.Int])])),
  engine: nullable(Schema.String),
  /** 1 not voiced, 2 erotic scenes only, 3 partially, 4 fully. */
  voiced: nullable(Schema.Int),
  notes: nullable(Schema.String),
  gtin: nullable(Schema.String),
  catalog: nullable(Schema.String),
  extlinks: list(Links.Link),
  drm: list(Schema.Struct({ name: Schema.String, notes: nullable(Schema.String) })),
  supersedes: list(Schema.Struct({ id: Words.ReleaseId, ...Values.titleStub })),
  /** How scenes are animated, as VNDB's flags; null when it is not known. */
  animation: Schema.Struct({
    story_sprites: nullable(Schema.Int),
    story_scenes: nullable(Schema.Int),
    cutscenes: nullable(Schema.Int),
    ero_sprites: nullable(Schema.Int),
    ero_scenes: nullable(Schema.Int),
    background: nullable(Schema.Boolean),
    face: nullable(Schema.Boolean)
  })
}).annotate({ identifier: "Release" })

type Page = typeof ReleasePage.Type

/** See `entities/facts/release`. */
export interface ReleaseFacts {
  readonly row: {
    readonly id: string
    readonly gtin: number
    readonly olang: string
    readonly released: number
    readonly voiced: number
    readonly reso_x: number
    readonly reso_y: number
    readonly minage: number | null
    readonly ani_story: number
    readonly ani_ero: number
    readonly ani_story_sp: number | null
    readonly ani_story_cg: number | null
    readonly ani_cutscene: number | null
    readonly ani_ero_sp: number | null
    readonly ani_ero_cg: number | null
    readonly ani_bg: boolean | null
    readonly ani_face: boolean | null
    readonly has_ero: boolean
    readonly patch: boolean
    readonly freeware: boolean
    readonly uncensored: boolean | null
    readonly official: boolean
    readonly catalog: string
    readonly notes: string
  }
  readonly main: { readonly title: string; readonly latin: string | null }
  readonly titles: Page["languages"]
  readonly platforms: ReadonlyArray<string>
  readonly media: Page["media"]
  readonly vns: Page["vns"]
  readonly producers: Page["producers"]
  readonly images: ReadonlyArray<{
    readonly image: ImageFacts
    readonly type: string
    readonly vn: string | null
    readonly languages: ReadonlyArray<string> | null
  }>
  readonly engine: string | null
  readonly drm: Page["drm"]
  readonly supersedes: Page["supersedes"]
  readonly extlinks: ReadonlyArray<Links.Held>
}

export const releasePage = (
  facts: ReleaseFacts,
  revision: number
): { readonly page: Page; readonly fields: object } => {
  const { main, row } = facts
  const title = main.latin ?? main.title
  const page: Page = {
    id: row.id,
    revision,
    title,
    alttitle: main.title === title ? null : main.title,
    olang: row.olang,
    languages: facts.titles,
    platforms: facts.platforms,
    media: facts.media,
    vns: facts.vns,
    producers: facts.producers,
    images: facts.images.map(({ image, ...rest }) => ({ ...Values.image(image), ...rest, photo: false })),
    released: Values.partialDate(row.released),
    minage: row.minage,
    patch: row.patch,
    freeware: row.freeware,
    uncensored: row.uncensored,
    official: row.official,
    has_ero: row.has_ero,
    resolution: resolution(row),
    engine: facts.engine,
    voiced: Values.known(row.voiced),
    notes: filled(row.notes),
    gtin: Values.barCode(row.gtin),
    catalog: filled(row.catalog),
    extlinks: Links.links("r", facts.extlinks),
    drm: facts.drm,
    supersedes: facts.supersedes,
    animation: {
      story_sprites: row.ani_story_sp,
      story_scenes: row.ani_story_cg,
      cutscenes: row.ani_cutscene,
      ero_sprites: row.ani_ero_sp,
      ero_scenes: row.ani_ero_cg,
      background: row.ani_bg,
      face: row.ani_face
    }
  }
  return { page, fields: fieldsOf(facts, title) }
}

const resolution = ({ reso_x, reso_y }: ReleaseFacts["row"]): Page["resolution"] =>
  reso_x > 0 ? [reso_x, reso_y] : reso_y > 0 ? "non-standard" : null

const fieldsOf = (facts: ReleaseFacts, title: string) => {
  const { row } = facts
  return {
    num: Values.numberOf(row.id),
    title,
    released: row.released,
    olang: row.olang,
    langs: facts.titles.filter(({ mtl }) => !mtl).map(({ lang }) => lang),
    platforms: orNone(facts.platforms),
    resx: row.reso_x,
    resy: row.reso_y,
    aspect: Math.trunc(row.reso_x * 100_000 / Math.max(1, row.reso_y)),
    minage: row.minage,
    media: orNone([...new Set(facts.media.map(({ medium }) => medium))]),
    voiced: row.voiced,
    animation_story: row.ani_story,
    animation_ero: row.ani_ero,
    ani_story_sp: animation(row.ani_story_sp),
    ani_story_cg: animation(row.ani_story_cg),
    ani_cutscene: animation(row.ani_cutscene),
    ani_ero_sp: animation(row.ani_ero_sp),
    ani_ero_cg: animation(row.ani_ero_cg),
    ani_bg: row.ani_bg,
    ani_face: row.ani_face,
    engine: facts.engine ?? "",
    rtypes: [...new Set(facts.vns.map(({ rtype }) => rtype))],
    vns: facts.vns.map(({ id, rtype }) => ({ id, rtype })),
    extlinks: Values.linkWords(facts.extlinks),
    drm: facts.drm.map(({ name }) => name),
    images: orNone([...new Set(facts.images.map(({ type }) => type))]),
    patch: row.patch,
    freeware: row.freeware,
    uncensored: row.uncensored,
    official: row.official,
    has_ero: row.has_ero,
    doujin: false,
    producers: facts.producers.map(({ id }) => id),
    developers: facts.producers.filter(({ developer }) => developer).map(({ id }) => id),
    labels: labels([
      ...facts.titles.flatMap(({ latin, title }) => [[title, 3], [latin, 3]] as const),
      [row.gtin === 0 ? null : String(row.gtin), 1],
      [filled(row.catalog), 1]
    ])
  }
}

/** A list that can be asked for "nothing known". */
const orNone = (values: ReadonlyArray<string>): ReadonlyArray<string> => values.length === 0 ? [""] : values

const animation = (flags: number | null): ReadonlyArray<string> => {
  if (flags === null) return [""]
  if (flags === 0) return ["no"]
  if (flags === 1) return ["na"]
  return ([[4, "hand"], [8, "vect"], [16, "3d"], [32, "live"]] as const).flatMap(([flag, word]) =>
    (flags & flag) === 0 ? [] : [word]
  )
}

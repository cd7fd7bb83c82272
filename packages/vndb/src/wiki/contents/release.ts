/** What people write about a release. */
import { Schema } from "effect"
import * as Words from "../vocabulary.ts"

/** A `title` of null means: the same as in the original language. */
const Title = Schema.Struct({
  lang: Words.Language,
  mtl: Schema.Boolean,
  title: Schema.NullOr(Words.Name),
  latin: Schema.NullOr(Words.Name)
}).annotate({ identifier: "ReleaseTitle" })

const OfVn = Schema.Struct({ vid: Words.VnId, rtype: Words.ReleaseType }).annotate({ identifier: "ReleaseVn" })

const OfProducer = Schema.Struct({ pid: Words.ProducerId, developer: Schema.Boolean, publisher: Schema.Boolean })
  .annotate({ identifier: "ReleaseProducer" })

/** `lang` of null: for all languages of the release; `vid` of null: for all its visual novels. */
const Image = Schema.Struct({
  img: Words.CoverId,
  vid: Schema.NullOr(Words.VnId),
  itype: Words.ReleaseImageType,
  lang: Schema.NullOr(Schema.Array(Words.Language))
}).annotate({ identifier: "ReleaseImage" })

/** The same medium may come in several quantities. */
const OnMedium = Schema.Struct({ medium: Words.Medium, qty: Words.range(0, 99) }).annotate({
  identifier: "ReleaseMedium"
})

/** Needed to add one. */
export const essentials = {
  olang: Words.Language,
  titles: Words.rows(Title, ["lang"], 60),
  vns: Words.rows(OfVn, ["vid"], 100),
  released: Words.ReleaseDate
}

export const details = {
  gtin: Words.range(0, 9_999_999_999_999),
  voiced: Words.Voiced,
  reso_x: Words.range(0, 32_767),
  reso_y: Words.range(0, 32_767),
  minage: Schema.NullOr(Words.MinAge),
  ani_story_sp: Words.Animation,
  ani_story_cg: Words.Animation,
  ani_cutscene: Words.Animation,
  ani_ero_sp: Words.Animation,
  ani_ero_cg: Words.Animation,
  ani_bg: Schema.NullOr(Schema.Boolean),
  ani_face: Schema.NullOr(Schema.Boolean),
  has_ero: Schema.Boolean,
  patch: Schema.Boolean,
  freeware: Schema.Boolean,
  uncensored: Schema.NullOr(Schema.Boolean),
  official: Schema.Boolean,
  catalog: Words.text(50),
  notes: Words.Description,
  engine: Schema.NullOr(Words.Key),
  producers: Words.rows(OfProducer, ["pid"], 50),
  platforms: Words.rows(Schema.Struct({ platform: Words.Platform }), ["platform"], 48),
  media: Words.rows(OnMedium, ["medium", "qty"], 30),
  images: Words.rows(Image, ["img"], 100),
  drm: Words.rows(Schema.Struct({ drm: Words.Key, notes: Words.Note }), ["drm"], 20),
  supersedes: Words.rows(Schema.Struct({ rid: Words.ReleaseId }), ["rid"], 50),
  extlinks: Words.rows(Words.Extlink, ["site", "value"], 50)
}

/** What is not said. */
export const defaults = {
  gtin: 0,
  voiced: 0,
  reso_x: 0,
  reso_y: 0,
  minage: null,
  ani_story_sp: null,
  ani_story_cg: null,
  ani_cutscene: null,
  ani_ero_sp: null,
  ani_ero_cg: null,
  ani_bg: null,
  ani_face: null,
  has_ero: false,
  patch: false,
  freeware: false,
  uncensored: null,
  official: true,
  catalog: "",
  notes: "",
  engine: null,
  producers: [],
  platforms: [],
  media: [],
  images: [],
  drm: [],
  supersedes: [],
  extlinks: []
}

/** A release as its editors see it. */
export const Content = Schema.Struct({ ...essentials, ...details })

/** The rule that this content breaks. */
export const mistakeOf = (id: string, entry: typeof Content.Type): string | undefined => {
  if (!entry.titles.some(({ lang, title }) => lang === entry.olang && title !== null)) {
    return `titles: one in the original language (${entry.olang}) is needed`
  }
  if (entry.vns.length === 0) return "vns: a release belongs to at least one visual novel"
  const vns = new Set(entry.vns.map(({ vid }) => vid))
  if (entry.images.some(({ vid }) => vid !== null && !vns.has(vid))) {
    return "images: vid must be one of the visual novels"
  }
  if (entry.supersedes.some(({ rid }) => rid === id)) return "supersedes: a release does not supersede itself"
  if (entry.producers.some(({ developer, publisher }) => !developer && !publisher)) {
    return "producers: each is developer, publisher or both"
  }
  if (entry.media.some(({ medium, qty }) => uncounted.has(medium) !== (qty === 0))) {
    return "media: qty is 0 for downloads, and at least 1 for what can be counted"
  }
  return undefined
}

/** Media that have no quantity. */
const uncounted = new Set(["in", "dc", "otc"])

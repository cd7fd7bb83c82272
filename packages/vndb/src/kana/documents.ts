/**
 * What the documents of Kana's entities must hold beside their pages, so that filters and sorts can be evaluated on them.
 *
 * This table is the contract between planned filters (`Plan`) and whoever derives the documents. Unknown values are null
 * unless said otherwise; a list is never null. Where a list can be asked for "nothing known", it holds one empty text instead
 * of being empty. Other entries are listed only if they are shown. Columns are those of the VNDB dump; derived figures are
 * those of VNDB's own rules (released dates, lengths, ratings, inherited tags).
 */

/** What one member of a record, or one field, may hold. */
export type Kind = "text" | "number" | "boolean" | "texts" | "numbers"

/** A field: a value, or a list of records with members that are no lists. */
export interface Field {
  readonly type: Kind | { readonly records: Readonly<Record<string, "text" | "number" | "boolean">> }
  readonly holds: string
}

/** Every kind of document that filters look at. `ulist` and `rlist` are the lists of users. */
export type DocumentName =
  | "vn"
  | "release"
  | "producer"
  | "character"
  | "staff"
  | "tag"
  | "trait"
  | "quote"
  | "ulist"
  | "rlist"

const text = (holds: string): Field => ({ type: "text", holds })
const number = (holds: string): Field => ({ type: "number", holds })
const boolean = (holds: string): Field => ({ type: "boolean", holds })
const texts = (holds: string): Field => ({ type: "texts", holds })
const numbers = (holds: string): Field => ({ type: "numbers", holds })
const records = (members: Readonly<Record<string, "text" | "number" | "boolean">>, holds: string): Field => ({
  type: { records: members },
  holds
})

const num = number("the number of the id: 17 of v17; the order of ids")
const title = text("the sort title: coalesce(latin, title) of the main title or name")
const labels = (from: string): Field =>
  records(
    { t: "text", p: "number" },
    `what search looks at: t by SearchText.normalise, p its priority; no empty and no repeated t (the highest p stays); ${from}`
  )
const tags = (from: string): Field =>
  records(
    { t: "text", s: "number", l: "number", x: "boolean" },
    `${from}: t the tag, s spoiler 0-2, l rating 0-3 (exact), x lie`
  )
const traits = (from: string): Field =>
  records({ t: "text", s: "number", x: "boolean" }, `${from}: t the trait, s spoiler 0-2, x lie`)
const extlinks = texts("for each link its site, and site,value: [\"steam\", \"steam,702050\"]")
const animation = (column: string): Field =>
  texts(
    `${column}: [""] for NULL, ["no"] for 0, ["na"] for 1, else those of hand (4), vect (8), 3d (16), live (32) that are set`
  )
const released = number(
  "YYYYMMDD as stored: 99 for an unknown day or month, 99999999 for TBA, 0 for unknown; never null"
)
const rating = number("vn.c_rating: 100-1000, null when unrated; the key of descending sorts, where null comes last")
const ratingup = number("the same, 99999 when unrated; the key of ascending sorts, where unrated come last too")

/**
 * The fields of each kind of document. A document's own id needs no field: predicates name it `id`.
 *
 * @example
 * ```ts
 * import { documents } from "@kanau/vndb/kana/documents"
 *
 * documents.vn["olang"]?.type // => "text"
 * ```
 */
export const documents: Readonly<Record<DocumentName, Readonly<Record<string, Field>>>> = {
  vn: {
    num,
    title,
    released,
    rating,
    ratingup,
    votecount: number("vn.c_votecount, 0 without votes"),
    olang: text("vn.olang"),
    langs: texts("derived languages (released, neither trial nor machine translated)"),
    platforms: texts("derived platforms"),
    length: numbers(
      "classes: without c_length [vn.length]; else each of 0 (0), 1 (1-120), 2 (120-600), 3 (600-1800), 4 (1800-3000), 5 (3000-) whose minutes, both ends included, hold c_length"
    ),
    devstatus: number("vn.devstatus"),
    has_description: boolean("vn.description is not empty"),
    has_anime: boolean("there are rows of vn_anime"),
    has_screenshot: boolean("there are rows of vn_screenshots"),
    has_review: boolean("there are reviews; false where they are not known"),
    tags: tags("inherited tags, which include the direct ones and all parents (searchable tags only)"),
    dtags: tags("direct tags"),
    anime: numbers("vn_anime.aid"),
    developers: texts("derived developers, producer ids"),
    labels: labels(
      "vn_titles title and latin 3, each line of vn.alias 2, titles and latin of its releases 1 with SearchText.withoutEdition"
    )
  },
  release: {
    num,
    title,
    released,
    langs: texts("releases_titles.lang without machine translations"),
    platforms: texts("releases_platforms.platform; [\"\"] when there are none"),
    resx: number("releases.reso_x: 0 unknown (y 0) or non-standard (y 1)"),
    resy: number("releases.reso_y"),
    aspect: number("reso_x * 100000 / greatest(1, reso_y) as whole number, cut"),
    minage: number("releases.minage"),
    media: texts("distinct releases_media.medium; [\"\"] when there are none"),
    voiced: number("releases.voiced: 0 unknown"),
    animation_story: number("releases.ani_story: 0 unknown"),
    animation_ero: number("releases.ani_ero: 0 unknown"),
    ani_story_sp: animation("ani_story_sp"),
    ani_story_cg: animation("ani_story_cg"),
    ani_cutscene: animation("ani_cutscene"),
    ani_ero_sp: animation("ani_ero_sp"),
    ani_ero_cg: animation("ani_ero_cg"),
    ani_bg: boolean("ani_bg"),
    ani_face: boolean("ani_face"),
    engine: text("name of the engine, \"\" when none"),
    rtypes: texts("distinct releases_vn.rtype"),
    vns: records({ id: "text", rtype: "text" }, "releases_vn: id the VN; VNs that are shown only"),
    extlinks,
    drm: texts("names of the DRM in releases_drm"),
    images: texts("distinct releases_images.itype; [\"\"] when there are none"),
    patch: boolean("releases.patch"),
    freeware: boolean("releases.freeware"),
    uncensored: boolean("releases.uncensored; null is unknown"),
    official: boolean("releases.official"),
    has_ero: boolean("releases.has_ero"),
    doujin: boolean("releases.doujin; false where it is not known (the dump lacks it)"),
    producers: texts("releases_producers.pid"),
    developers: texts("releases_producers.pid with developer"),
    labels: labels("releases_titles title and latin 3, gtin as digits 1 (if not 0), catalog 1 (if not empty)")
  },
  producer: {
    num,
    name: title,
    lang: text("producers.lang"),
    type: text("producers.type"),
    extlinks,
    labels: labels("name and latin 3, each line of alias 2")
  },
  character: {
    num,
    name: title,
    vns: records({ id: "text", role: "text" }, "distinct (vid, role) of chars_vns; VNs that are shown only"),
    roles: texts("distinct chars_vns.role"),
    blood_type: text("chars.bloodt, unknown too"),
    sex: text("chars.sex, \"\" when unknown"),
    sex_spoil: text("coalesce(spoil_sex, sex)"),
    gender: text("coalesce(gender, sex when it is one of \"\", m, f), else null"),
    gender_spoil: text(
      "coalesce(spoil_gender, gender, coalesce(spoil_sex, sex) when it is one of \"\", m, f), else null"
    ),
    height: number("chars.height, null for 0"),
    weight: number("chars.weight; 0 is a weight"),
    bust: number("chars.s_bust, null for 0"),
    waist: number("chars.s_waist, null for 0"),
    hips: number("chars.s_hip, null for 0"),
    cup: number("place of chars.cup_size in AAA AA A B ... Z, from 1; null for \"\""),
    age: number("chars.age; 0 is an age"),
    birthday: number("chars.birthday, month * 100 + day; null for 0"),
    traits: traits("inherited traits, which include the direct ones and all parents (searchable traits only)"),
    dtraits: traits("chars_traits"),
    seiyuu: texts("staff documents (s1.12) of the aliases that voice the character in any VN"),
    labels: labels("chars_names name and latin 3, chars_alias name and latin 2")
  },
  staff: {
    num,
    aid: number("staff_alias.aid; the document is of this alias, id s1.12"),
    name: text("coalesce(latin, name) of the alias"),
    ismain: boolean("staff.main = aid"),
    lang: text("staff.lang"),
    gender: text("staff.gender, \"\" when unknown"),
    type: text("staff.stype; person where it is not known (the dump lacks it)"),
    roles: texts("distinct vn_staff.role of the alias in VNs that are shown; seiyuu too if it is in vn_seiyuu"),
    vns: records(
      { id: "text", roles: "text" },
      "one record for each VN the alias has worked on: its roles there, sorted, each once, within slashes: /art/scenario/seiyuu/"
    ),
    extlinks,
    labels: labels("name and latin of this alias 3")
  },
  tag: {
    num,
    name: text("tags.name"),
    category: text("tags.cat"),
    items: number("VNs of the tag, inherited ones too"),
    labels: labels("name 3, each line of alias 2")
  },
  trait: {
    num,
    name: text("traits.name"),
    items: number("characters of the trait, inherited ones too"),
    labels: labels("name 3, each line of alias 2")
  },
  quote: {
    num,
    vn: text("quotes.vid"),
    character: text("quotes.cid"),
    score: number("quotes.score")
  },
  ulist: {
    user: text("ulist_vns.uid; the document is of one VN on one list, id u2.v17"),
    vn: text("ulist_vns.vid"),
    num: number("the number of the VN"),
    vote: number("ulist_vns.vote, 999 when null, so that no vote is the greatest, as PostgreSQL has it"),
    voted: number("ulist_vns.vote_date, seconds since the epoch, 1e12 when null"),
    added: number("ulist_vns.added, seconds since the epoch"),
    lastmod: number("ulist_vns.lastmod, seconds since the epoch"),
    started: number("ulist_vns.started as YYYYMMDD, 99999999 when null"),
    finished: number("ulist_vns.finished as YYYYMMDD, 99999999 when null"),
    labels: numbers("ulist_vns.labels"),
    openlabels: numbers("those of them that are not private, and 7 whatever it is"),
    unlabelled: boolean("labels are none, or only 7"),
    private: boolean("others may not see the row: none of its labels is public, or it has none")
  },
  rlist: {
    user: text("rlists.uid; the document is of one release on one list, id u2.r5"),
    release: text("rlists.rid"),
    status: number("rlists.status")
  }
}

/**
 * Every filter of every entity: its name, its number in the compact form, and the rule for its value.
 *
 * What the rules mean is in `internal/filterValues.ts`; what a filter asks of documents in `Plan`.
 */
import { choices, cupSizes, languages, media, platforms, staffRoles } from "./Enums.ts"

/** What can be asked for. Lists of users (`/ulist`) are filtered by the filters of `vn`. */
export type Entity = "vn" | "release" | "producer" | "character" | "staff" | "tag" | "trait" | "quote"

/** What a filter accepts as value. Whether null and the empty text are a value, and which, is `unknown`. */
export type Rule =
  /** An id with this prefix, or its number. */
  | { readonly is: "id"; readonly prefix: string }
  | { readonly is: "search" }
  | { readonly is: "text" }
  | { readonly is: "choice"; readonly of: ReadonlyArray<string | number>; readonly unknown?: "" | 0 | null }
  | { readonly is: "number"; readonly min: number; readonly max: number; readonly unknown?: null }
  | { readonly is: "date" }
  /** Only the number 1. */
  | { readonly is: "one" }
  | { readonly is: "pair"; readonly max: number; readonly unknown?: readonly [number, number] }
  | { readonly is: "tag" }
  | { readonly is: "trait" }
  | { readonly is: "label" }
  | { readonly is: "link" }
  /** A filter of another entity. */
  | { readonly is: "nested"; readonly of: Entity }

/** A filter. */
export interface Definition {
  /** In the compact form; 0 and 1 are "and" and "or". */
  readonly code: number
  readonly rule: Rule
  /** Whether `>=`, `>`, `<=` and `<` may be used. */
  readonly ordered: boolean
}

const filter = (code: number, rule: Rule): Definition => ({ code, rule, ordered: false })
const ordered = (code: number, rule: Rule): Definition => ({ code, rule, ordered: true })
const id = (prefix: string): Rule => ({ is: "id", prefix })
const search: Rule = { is: "search" }
const text: Rule = { is: "text" }
const date: Rule = { is: "date" }
const one: Rule = { is: "one" }
const tag: Rule = { is: "tag" }
const trait: Rule = { is: "trait" }
const label: Rule = { is: "label" }
const link: Rule = { is: "link" }
const nested = (of: Entity): Rule => ({ is: "nested", of })
const number = (min: number, max: number): Rule => ({ is: "number", min, max })
const numberOrUnknown = (max: number): Rule => ({ is: "number", min: 0, max, unknown: null })
const choice = (of: ReadonlyArray<string | number>): Rule => ({ is: "choice", of })
const choiceOr = (unknown: "" | 0 | null, of: ReadonlyArray<string | number>): Rule => ({ is: "choice", of, unknown })
const pair = (max: number): Rule => ({ is: "pair", max })

/** Numbers without a prefix, such as those of aliases and anime. */
const bareId = number(0, 2 ** 26 - 1)
/** Body measures are small integers in the database. */
const measure = numberOrUnknown(32767)
const language = choice(Object.keys(languages))

/**
 * The filters by entity and name.
 *
 * @example
 * ```ts
 * import { filters } from "@kanau/vndb/kana/Filters"
 *
 * filters.vn["released"] // => { code: 7, rule: { is: "date" }, ordered: true }
 * ```
 */
export const filters: Readonly<Record<Entity, Readonly<Record<string, Definition>>>> = {
  vn: {
    id: ordered(80, id("v")),
    search: filter(81, search),
    lang: filter(2, language),
    olang: filter(3, language),
    platform: filter(4, choice(Object.keys(platforms))),
    length: filter(5, choice(choices.vnLength)),
    released: ordered(7, date),
    popularity: ordered(9, number(0, 100)),
    rating: ordered(10, number(10, 100)),
    votecount: ordered(11, number(0, 2 ** 30)),
    has_description: filter(61, one),
    has_anime: filter(62, one),
    has_screenshot: filter(63, one),
    has_review: filter(64, one),
    on_list: filter(65, one),
    devstatus: filter(66, choice(choices.devstatus)),
    tag: filter(8, tag),
    dtag: filter(14, tag),
    label: filter(12, label),
    anime_id: filter(13, bareId),
    release: filter(50, nested("release")),
    character: filter(51, nested("character")),
    staff: filter(52, nested("staff")),
    developer: filter(55, nested("producer")),
    developer_id: filter(6, id("p"))
  },
  release: {
    id: ordered(80, id("r")),
    search: filter(81, search),
    lang: filter(2, language),
    platform: filter(4, choiceOr(null, Object.keys(platforms))),
    released: ordered(7, date),
    resolution: ordered(8, pair(32767)),
    resolution_aspect: ordered(9, pair(32767)),
    minage: ordered(10, choiceOr(null, choices.age)),
    medium: filter(11, choiceOr(null, Object.keys(media))),
    voiced: filter(12, choiceOr(0, choices.voiced)),
    animation_ero: filter(13, choice(choices.animated)),
    animation_story: filter(14, choice(choices.animated)),
    ani_story_sp: filter(70, choiceOr(null, choices.aniFlags)),
    ani_story_cg: filter(71, choiceOr(null, choices.aniFlags)),
    ani_cutscene: filter(72, choiceOr(null, choices.aniCutscene)),
    ani_ero_sp: filter(73, choiceOr(null, choices.aniFlags)),
    ani_ero_cg: filter(74, choiceOr(null, choices.aniFlags)),
    ani_bg: filter(75, choiceOr(null, choices.bit)),
    ani_face: filter(76, choiceOr(null, choices.bit)),
    engine: filter(15, text),
    rtype: filter(16, choice(choices.releaseType)),
    rlist: filter(18, choice(choices.releaseStatus)),
    extlink: filter(19, link),
    drm: filter(20, text),
    image: filter(67, choiceOr(null, choices.imageType)),
    patch: filter(61, one),
    freeware: filter(62, one),
    uncensored: filter(64, one),
    official: filter(65, one),
    has_ero: filter(66, one),
    vn: filter(53, nested("vn")),
    producer: filter(55, nested("producer")),
    developer_id: filter(6, id("p")),
    producer_id: filter(17, id("p")),
    doujin: filter(63, one)
  },
  character: {
    id: ordered(80, id("c")),
    search: filter(81, search),
    role: filter(2, choice(choices.characterRole)),
    blood_type: filter(3, choice(choices.bloodType)),
    sex: filter(4, choiceOr("", choices.characterSex)),
    sex_spoil: filter(5, choiceOr("", choices.characterSex)),
    gender: filter(16, choiceOr("", choices.characterGender)),
    gender_spoil: filter(17, choiceOr("", choices.characterGender)),
    height: ordered(6, measure),
    weight: ordered(7, measure),
    bust: ordered(8, measure),
    waist: ordered(9, measure),
    hips: ordered(10, measure),
    cup: ordered(11, choiceOr(null, cupSizes)),
    age: ordered(12, measure),
    trait: filter(13, trait),
    dtrait: filter(15, trait),
    birthday: filter(14, { is: "pair", max: 31, unknown: [0, 0] }),
    seiyuu: filter(52, nested("staff")),
    vn: filter(53, nested("vn"))
  },
  staff: {
    lang: filter(2, language),
    id: ordered(3, id("s")),
    gender: filter(4, choiceOr("", choices.staffGender)),
    role: filter(5, choice(["seiyuu", ...Object.keys(staffRoles)])),
    extlink: filter(6, link),
    type: filter(7, choice(choices.staffType)),
    ismain: filter(61, one),
    search: filter(80, search),
    aid: filter(81, bareId)
  },
  producer: {
    lang: filter(2, language),
    id: ordered(3, id("p")),
    type: filter(4, choice(choices.producerType)),
    extlink: filter(5, link),
    search: filter(80, search)
  },
  tag: {
    id: ordered(2, id("g")),
    category: filter(3, choice(choices.tagCategory)),
    search: filter(80, search)
  },
  trait: {
    id: ordered(2, id("i")),
    search: filter(80, search)
  },
  quote: {
    id: ordered(2, id("q")),
    vn: filter(53, nested("vn")),
    character: filter(54, nested("character")),
    random: filter(81, one)
  }
}

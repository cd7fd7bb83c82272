/** The words and ranges of VNDB's data model that this module uses (docs/reference/data-model.md). */
import { Schema } from "effect"

const languages = (
  "ar be bg bs ca cs ck da de el en eo es et eu fa fi fr ga gl gd he hi hr hu id it iu ja kk ko mk ms ne la lt lv nl " +
  "no pl pt-pt pt-br ro ru sk sl sr sv ta th tr uk ur vi zh zh-Hans zh-Hant"
).split(" ")

/** The language codes of VNDB; `ta` is Tagalog and `ck` Cherokee there. */
export const isLanguage = (value: string): boolean => languageSet.has(value)
const languageSet = new Set(languages)

export const releaseTypes = ["complete", "partial", "trial"] as const

export const Language = Schema.Literals(languages).annotate({ identifier: "Language" })
export const VnId = Schema.String.check(Schema.isPattern(/^v[1-9][0-9]{0,6}$/)).annotate({ identifier: "VnId" })
export const ReleaseId = Schema.String.check(Schema.isPattern(/^r[1-9][0-9]{0,6}$/)).annotate({
  identifier: "ReleaseId"
})

/** PostgreSQL's text cannot hold U+0000. */
const storable = Schema.isPattern(/^[^\0]*$/, { expected: "text without the character U+0000" })
const text = (maximum: number) => Schema.String.check(Schema.isMaxLength(maximum), storable)
const range = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

export const Name = Schema.NonEmptyString.check(Schema.isMaxLength(250), storable)
export const Description = text(10_240)
export const Aliases = text(500)

/** 0 unknown, 1 very short, 2 short, 3 medium, 4 long, 5 very long. */
export const Length = range(0, 5)
/** 0 finished, 1 in development, 2 cancelled. */
export const DevStatus = range(0, 2)
/** `YYYYMMDD`; day or month 99 where only the year or month is known, 99999999 to be announced, 0 unknown. */
export const ReleaseDate = range(0, 99_999_999)
export const MinAge = range(0, 18)

export const VnTitle = Schema.Struct({
  lang: Language,
  official: Schema.Boolean,
  title: Name,
  latin: Schema.NullOr(Name)
}).annotate({ identifier: "VnTitle" })

/** A `title` of null means: the same as in the original language. */
export const ReleaseTitle = Schema.Struct({
  lang: Language,
  mtl: Schema.Boolean,
  title: Schema.NullOr(Name),
  latin: Schema.NullOr(Name)
}).annotate({ identifier: "ReleaseTitle" })

export const ReleaseVn = Schema.Struct({
  id: VnId,
  rtype: Schema.Literals(releaseTypes)
}).annotate({ identifier: "ReleaseVn" })

/** Titles of an entry: one per language, at least one. */
export const titlesOf = <S extends typeof VnTitle | typeof ReleaseTitle>(title: S) =>
  Schema.Array(title as S).check(
    Schema.isMinLength(1),
    Schema.isMaxLength(60),
    Schema.makeFilter((titles: ReadonlyArray<{ readonly lang: string }>) =>
      new Set(titles.map(({ lang }) => lang)).size === titles.length || "one title per language"
    )
  )

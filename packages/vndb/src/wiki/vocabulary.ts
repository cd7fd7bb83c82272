/** The words and ranges of VNDB's data model (docs/reference/data-model.md). Members carry the names of its columns. */
import { Layout } from "@kanau/vndb-dump"
import { Schema } from "effect"

const oneOf = (name: Layout.EnumName, identifier: string) =>
  Schema.Literals(Layout.enumValues(name)).annotate({ identifier })

/** `ta` is Tagalog and `ck` Cherokee here. */
export const Language = oneOf("language", "Language")
export const Platform = oneOf("platform", "Platform")
export const Medium = oneOf("medium", "Medium")
export const ReleaseType = oneOf("release_type", "ReleaseType")
export const ReleaseImageType = oneOf("release_image_type", "ReleaseImageType")
export const CreditType = oneOf("credit_type", "CreditType")
export const VnRelation = oneOf("vn_relation", "VnRelation")
export const ProducerRelation = oneOf("producer_relation", "ProducerRelation")
export const ProducerType = oneOf("producer_type", "ProducerType")
export const TagCategory = oneOf("tag_category", "TagCategory")
export const CharRole = oneOf("char_role", "CharRole")
export const BloodType = oneOf("blood_type", "BloodType")
export const CharSex = oneOf("char_sex", "CharSex")
export const CharGender = oneOf("char_gender", "CharGender")
export const CupSize = oneOf("cup_size", "CupSize")
export const StaffGender = oneOf("staff_gender", "StaffGender")
export const ExtlinkSite = oneOf("extlink_site", "ExtlinkSite")

const idOf = (prefix: string, identifier: string) =>
  Schema.String.check(Schema.isPattern(new RegExp(`^${prefix}[1-9][0-9]{0,6}$`))).annotate({ identifier })

export const VnId = idOf("v", "VnId")
export const ReleaseId = idOf("r", "ReleaseId")
export const ProducerId = idOf("p", "ProducerId")
export const CharacterId = idOf("c", "CharacterId")
export const StaffId = idOf("s", "StaffId")
/** A member of staff under one of their names: `s1.12` is alias 12 of s1. */
export const StaffPageId = Schema.String.check(Schema.isPattern(/^s[1-9][0-9]{0,6}\.[1-9][0-9]{0,9}$/)).annotate({
  identifier: "StaffPageId"
})
export const TagId = idOf("g", "TagId")
export const TraitId = idOf("i", "TraitId")
export const QuoteId = idOf("q", "QuoteId")
export const DocId = idOf("d", "DocId")
export const UserId = idOf("u", "UserId")
/** Any entry that people edit. */
export const EntryId = idOf("[vrpcsgiqd]", "EntryId")
export const CoverId = idOf("cv", "CoverId")
export const CharacterImageId = idOf("ch", "CharacterImageId")
export const ScreenshotId = idOf("sf", "ScreenshotId")
export const ImageId = idOf("(?:cv|ch|sf)", "ImageId")

/** PostgreSQL's text cannot hold U+0000. */
const storable = Schema.isPattern(/^[^\0]*$/, { expected: "text without the character U+0000" })
/** Text of at most so many characters. */
export const text = (maximum: number) => Schema.String.check(Schema.isMaxLength(maximum), storable)
/** A whole number between these two, both included. */
export const range = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

export const Name = Schema.NonEmptyString.check(Schema.isMaxLength(250), storable)
export const Description = text(10_240)
export const Aliases = text(1_000)
/** A short remark beside a reference. */
export const Note = text(250)
/** Key of a row of a small table, such as an engine or an alias. */
export const Key = range(1, 2 ** 31 - 1)

/** 0 none, 1 minor, 2 major. */
export const Spoiler = range(0, 2)
/** 0 unknown, 1 very short, 2 short, 3 medium, 4 long, 5 very long. */
export const Length = range(0, 5)
/** 0 finished, 1 in development, 2 cancelled. */
export const DevStatus = range(0, 2)
/** 0 unknown, 1 not voiced, 2 erotic scenes only, 3 partially, 4 fully. */
export const Voiced = range(0, 4)
/** Null unknown, 0 not animated, 1 not applicable, else flags: 4 hand drawn, 8 vectorial, 16 3D, 32 live action, 256 some and 512 all scenes. */
export const Animation = Schema.NullOr(range(0, 1023))
export const MinAge = range(0, 18)

/** `YYYYMMDD`; day or month 99 where only the year or month is known, 99999999 to be announced, 0 unknown. */
export const ReleaseDate = Schema.Int.check(
  Schema.makeFilter((value: number) =>
    isReleaseDate(value) || "a date such as 20220131, 20220199, 20229999, 99999999 or 0"
  )
).annotate({ identifier: "ReleaseDate" })

/** Whether a number is a release date; years are 1980 to 2100. */
export const isReleaseDate = (value: number): boolean => {
  if (value === 0 || value === 99_999_999) return true
  const year = Math.floor(value / 10_000)
  const month = Math.floor(value / 100) % 100
  const day = value % 100
  if (year < 1980 || year > 2100) return false
  if (month === 99) return day === 99
  if (month < 1 || month > 12) return false
  return day === 99 || (day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate())
}

/** Month and day as `mmdd`; 229 is a birthday too. */
export const Birthday = Schema.Int.check(
  Schema.makeFilter((value: number) => {
    const days = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][Math.floor(value / 100) - 1]
    return (days !== undefined && value % 100 >= 1 && value % 100 <= days) || "month and day, such as 229"
  })
)

/** A list in which no two rows agree in all of `keys`, of at most `maximum` rows. */
export const rows = <Row extends Schema.Struct<Schema.Struct.Fields>>(
  row: Row,
  keys: ReadonlyArray<string & keyof Row["Type"]>,
  maximum = 500
) =>
  Schema.Array(row).check(
    Schema.isMaxLength(maximum),
    Schema.makeFilter((list: ReadonlyArray<Row["Type"]>) =>
      new Set(list.map((one) => JSON.stringify(keys.map((key) => one[key])))).size === list.length ||
      `each ${keys.join(", ")} once`
    )
  )

/** A page elsewhere: which site, and the entry's name there. */
export const Extlink = Schema.Struct({
  site: ExtlinkSite,
  value: Schema.NonEmptyString.check(Schema.isMaxLength(500), storable)
})
  .annotate({ identifier: "Extlink" })

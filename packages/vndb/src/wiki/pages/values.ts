/** How stored values are shown: VNDB's own rules for its API, so that whoever reads one can read the other. */
import { Schema } from "effect"

/** A date of which the day, or the month too, may be unknown; `TBA` is announced without one. Null when nothing is known. */
export const PartialDate = Schema.NullOr(Schema.String).annotate({ identifier: "PartialDate" })

export const partialDate = (value: number | null): string | null => {
  if (value === null || value === 0) return null
  if (value === 99_999_999) return "TBA"
  const text = String(value)
  const [year, month, day] = [text.slice(0, 4), text.slice(4, 6), text.slice(6, 8)]
  return month === "99" ? year : day === "99" ? `${year}-${month}` : `${year}-${month}-${day}`
}

/** Null for an empty text. */
export const filled = (text: string): string | null => text === "" ? null : text

/** Null for zero, where zero means that it is not known. */
export const known = (value: number): number | null => value === 0 ? null : value

/** The lines of a text that hold something. */
export const lines = (text: string): ReadonlyArray<string> => text.split("\n").filter((line) => line !== "")

const Dimensions = Schema.Tuple([Schema.Int, Schema.Int])

const imageMembers = {
  id: Schema.String,
  url: Schema.String,
  dims: Dimensions,
  /** Average of the votes, from 0 safe to 2 explicit. */
  sexual: Schema.Finite,
  /** Average of the votes, from 0 tame to 2 brutal. */
  violence: Schema.Finite,
  votecount: Schema.Int
}

export const CharacterImage = Schema.Struct(imageMembers).annotate({ identifier: "CharacterImage" })

export const imageWithThumbnail = { ...imageMembers, thumbnail: Schema.String, thumbnail_dims: Dimensions }
export const Image = Schema.Struct(imageWithThumbnail).annotate({ identifier: "Image" })

/** An image as the database has it. */
export interface ImageFacts {
  readonly id: string
  readonly width: number
  readonly height: number
  readonly votecount: number
  readonly sexual: number
  readonly violence: number
}

const host = "https://t.vndb.org"

const path = (id: string, folder: string): string => {
  const number = Number(id.slice(2))
  return `${host}/${folder}/${String(number % 100).padStart(2, "0")}/${number}.jpg`
}

export const characterImage = (image: ImageFacts): typeof CharacterImage.Type => ({
  id: image.id,
  url: path(image.id, image.id.slice(0, 2)),
  dims: [image.width, image.height],
  sexual: image.sexual / 100,
  violence: image.violence / 100,
  votecount: image.votecount
})

/** With its thumbnail: of a cover that is small already, itself. */
export const image = (facts: ImageFacts): typeof Image.Type => {
  const kind = facts.id.slice(0, 2)
  const [width, height] = kind === "sf" ? [136, 102] : [256, 400]
  const scale = Math.min(1, width / facts.width, height / facts.height)
  const isSmall = kind !== "sf" && scale === 1
  return {
    ...characterImage(facts),
    thumbnail: path(facts.id, isSmall ? kind : `${kind}.t`),
    thumbnail_dims: [Math.round(facts.width * scale), Math.round(facts.height * scale)]
  }
}

/** What filters know of links: each site, and each site with the value. */
export const linkWords = (
  found: ReadonlyArray<{ readonly site: string; readonly value: string }>
): ReadonlyArray<string> => [
  ...new Set(found.flatMap(({ site, value }) => [site, `${site},${value}`]))
]

/** Prefixes (GS1) of what no game is sold under: store-internal codes, coupons, books and periodicals. */
const foreignPrefix = /^(?:0[2-5]|2|9[6-9])/

/**
 * A bar code as its digits, at least the twelve of a UPC; null for none, and for a number that is none (GS1 General Specifications:
 * check digit) or not of a game.
 */
export const barCode = (gtin: number): string | null => {
  const digits = String(gtin)
  if (digits.length < 10 || digits.length > 13) return null
  const ean = digits.padStart(13, "0")
  const weighted = [...ean].map((digit, at) => Number(digit) * (at % 2 === 0 ? 1 : 3))
  const isValid = weighted.reduce((sum, digit) => sum + digit, 0) % 10 === 0 && !foreignPrefix.test(ean)
  return isValid ? digits.padStart(12, "0") : null
}

/** The number of an id: 17 of v17. */
export const numberOf = (id: string): number => Number(/\d+/.exec(id)?.[0] ?? 0)

export interface TitleStub {
  readonly id: string
  readonly title: string
  readonly alttitle: string | null
}

export interface NameStub {
  readonly id: string
  readonly name: string
  readonly original: string | null
}

export const titleStub = { title: Schema.String, alttitle: Schema.NullOr(Schema.String) }
export const nameStub = { name: Schema.String, original: Schema.NullOr(Schema.String) }

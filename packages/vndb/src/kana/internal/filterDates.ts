/** Release dates in filters. */
import { scalarOf } from "./scalars.ts"

/** Stands for the day of the request until a filter is compiled. */
export const today = 1

const words: Readonly<Record<string, number>> = { "": 0, unknown: 0, today, tba: 99999999 }

/**
 * The stored form of a release date: `YYYY-MM-DD`, `YYYY-MM`, `YYYY`, `TBA`, `unknown`, `today`, or the stored form itself,
 * with 99 for what is unknown of it.
 */
export const dateOf = (input: unknown): number | undefined => {
  const text = scalarOf(input)?.toLowerCase()
  if (text === undefined) return undefined
  if (Object.hasOwn(words, text)) return words[text]
  const [, year, month = "99", day = "99"] = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/.exec(text) ??
    /^(\d{4})(\d{2})(\d{2})$/.exec(text) ?? []
  if (year === undefined) return text === "0" || text === "1" ? Number(text) : undefined
  return normalOf(Number(year), Number(month), Number(day))
}

/** Whatever follows an unknown part is unknown too; years are those VNDB knows. */
const normalOf = (year: number, month: number, day: number): number | undefined => {
  if (year === 0) return 0
  if (year === 9999) return 99999999
  if (year < 1980 || year > 2100) return undefined
  if (month === 99) return year * 10000 + 9999
  if (month < 1 || month > 12) return undefined
  if (day !== 99 && (day < 1 || day > daysOf(year, month))) return undefined
  return year * 10000 + month * 100 + day
}

const daysOf = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate()

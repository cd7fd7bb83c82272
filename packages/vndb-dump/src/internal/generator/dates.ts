/** Dates as the dump writes them, counted in days since 1970-01-01. */

export const dayOf = (iso: string): number => Date.parse(`${iso}T00:00:00Z`) / 86_400_000

/** Kept, because millions of rows share some thousand days. */
const known = new Map<number, string>()

export const iso = (day: number): string => {
  const whole = Math.floor(day)
  let text = known.get(whole)
  if (text === undefined) {
    text = new Date(whole * 86_400_000).toISOString().slice(0, 10)
    known.set(whole, text)
  }
  return text
}

/** `20260314`, as `releases.released` is written. */
export const packed = (day: number): number => Number(iso(day).replaceAll("-", ""))

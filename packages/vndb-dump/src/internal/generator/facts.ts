/** What several tables say about one entry: drawn again wherever it is needed, always the same. */
import { packed } from "./dates.ts"
import type { Draw } from "./random.ts"
import type { World } from "./world.ts"

export interface VnFacts {
  readonly olang: string
  /** 0 finished, 1 in development, 2 cancelled. */
  readonly devstatus: number
  /** When it first came out, in days. */
  readonly day: number
  readonly developer: number
  readonly erotic: boolean
}

export interface ReleaseFacts {
  readonly vn: number
  readonly olang: string
  readonly rtype: "complete" | "partial" | "trial"
  readonly official: boolean
  readonly patch: boolean
  readonly released: number
  readonly platforms: ReadonlyArray<string>
  readonly publisher: number
}

const languages: ReadonlyArray<readonly [string, number]> = [
  ["ja", 57],
  ["en", 27],
  ["zh-Hans", 4.5],
  ["zh-Hant", 1.5],
  ["ru", 4],
  ["ko", 3],
  ["es", 0.8],
  ["fr", 0.5],
  ["pt-br", 0.5],
  ["de", 0.4],
  ["vi", 0.3],
  ["it", 0.3],
  ["id", 0.2]
]

const translations = ["en", "zh-Hans", "en", "zh-Hant", "ru", "ja", "ko", "es", "pt-br", "fr", "de", "vi", "it", "pl"]

const platforms = ["win", "win", "win", "win", "and", "lin", "mac", "ios", "web", "swi", "ps4", "psv", "ps2", "dvd"]

/** A language by its share of original languages. */
export const originalLanguage = (draw: Draw): string => {
  let left = draw.next() * 100
  for (const [language, share] of languages) {
    if ((left -= share) < 0) return language
  }
  return "en"
}

/** One that a work is translated into. */
export const translation = (draw: Draw): string => draw.pick(translations)

/** Few producers make much. */
export const someProducer = (world: World, draw: Draw): number =>
  1 + Math.floor(draw.next() ** 2 * world.size.producers)

export const vnFacts = (world: World, vn: number): VnFacts => {
  const draw = world.seed("vn facts")(vn)
  const olang = originalLanguage(draw)
  const state = draw.next()
  return {
    olang,
    devstatus: state < 0.93 ? 0 : state < 0.98 ? 1 : 2,
    // Newer years have more.
    day: world.baseDay + 200 - Math.floor(draw.next() ** 1.8 * 13_000),
    developer: someProducer(world, draw),
    erotic: draw.chance(0.45)
  }
}

export const releaseFacts = (world: World, release: number): ReleaseFacts => {
  const vn = world.releases.owner(release)
  const draw = world.seed("release facts")(release)
  const { olang, day, developer } = vnFacts(world, vn)
  const first = world.releases.first(vn) === release
  const language = first || draw.chance(0.62) ? olang : translation(draw)
  const trial = !first && draw.chance(0.1)
  const count = first ? 1 : draw.about(2)
  const exact = draw.next()
  const out = first ? day : day + Math.floor(draw.next() ** 2 * 3_000)
  return {
    vn,
    olang: language,
    rtype: trial ? "trial" : !first && draw.chance(0.06) ? "partial" : "complete",
    official: first ? draw.chance(0.97) : draw.chance(language === olang ? 0.85 : 0.45),
    patch: !first && draw.chance(language === olang ? 0.05 : 0.3),
    released: partial(exact, Math.min(out, world.baseDay + 400)),
    platforms: [...new Set(Array.from({ length: Math.max(1, count) }, () => draw.pick(platforms)))],
    publisher: draw.chance(0.55) ? developer : someProducer(world, draw)
  }
}

/** Dates are exact for 95 %, else of a month, a year, to be announced, or unknown. */
const partial = (draw: number, day: number): number => {
  const date = packed(day)
  if (draw < 0.95) return date
  if (draw < 0.975) return Math.floor(date / 100) * 100 + 99
  if (draw < 0.985) return Math.floor(date / 10_000) * 10_000 + 9999
  return draw < 0.995 ? 99_999_999 : 0
}

/** A user that may vote and is not the voter of anything else at the same place; `exponent` makes few do much. */
export const someUsers = (world: World, draw: Draw, count: number, exponent: number): ReadonlyArray<number> => {
  const { users } = world.size
  const found = new Set<number>()
  while (found.size < Math.min(count, users)) {
    let user = 1 + Math.floor(draw.next() ** exponent * users)
    while (found.has(user)) user = user % users + 1
    found.add(user)
  }
  return [...found]
}

export interface UserFacts {
  readonly ignored: boolean
  readonly mayRateImages: boolean
  readonly mayTag: boolean
  readonly mayTime: boolean
}

export const userFacts = (world: World, user: number): UserFacts => {
  const draw = world.seed("users")(user)
  return {
    ignored: draw.chance(0.003),
    mayRateImages: !draw.chance(0.002),
    mayTag: !draw.chance(0.004),
    mayTime: !draw.chance(0.003)
  }
}

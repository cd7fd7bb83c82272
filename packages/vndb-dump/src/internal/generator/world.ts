/**
 * What a synthetic dump knows before its first row: how many entries there are, which of them belong together, how
 * popular they are, and what later days changed. It grows with the number of entries (about 30 MB at full size), not
 * with the number of rows.
 */
import { dayOf, iso } from "./dates.ts"
import { expectedVotes } from "./popularity.ts"
import { even, falling, type Seed, seeded, type Weighted, weighted } from "./random.ts"
import { tagDepths, type Taxonomy, taxonomy, traitDepths } from "./taxonomy.ts"

export interface Options {
  readonly seed: bigint
  readonly scale: number
  readonly day: number
  /** Of day 0, `YYYY-MM-DD`. */
  readonly date: string
  readonly torture: boolean
}

/** Entries numbered through, owner by owner: the first owner's come first. */
export interface Blocks {
  readonly total: number
  readonly count: (owner: number) => number
  readonly first: (owner: number) => number
  readonly owner: (id: number) => number
}

export interface World {
  readonly options: Options
  readonly seed: Seed
  /** Of the dump of day 0, and of this one. */
  readonly baseDay: number
  readonly today: number
  readonly size: Readonly<
    Record<"vn" | "users" | "staff" | "producers" | "quotes" | "anime" | "engines" | "drm", number>
  >
  readonly tags: Taxonomy
  readonly traits: Taxonomy
  readonly tagWeights: Weighted
  readonly traitWeights: Weighted
  /** From 0 (the most popular) to 1. */
  readonly place: (vn: number) => number
  readonly releases: Blocks
  readonly chars: Blocks
  readonly aliases: Blocks
  readonly screenshots: Blocks
  readonly covers: Blocks
  readonly portraits: Blocks
  /** How often an entry was changed after day 0, and the day of the last change. */
  readonly changes: (id: string, number: number) => { readonly count: number; readonly day: number }
}

export const makeWorld = (options: Options): World => {
  const seed = seeded(options.seed)
  const scaled = (full: number, least: number) => Math.max(least, Math.round(full * options.scale))
  const size = {
    vn: scaled(66_746, 60),
    users: scaled(137_000, 150),
    staff: scaled(54_625, 40),
    producers: scaled(30_270, 25),
    quotes: scaled(23_000, 20),
    anime: scaled(1_600, 10),
    engines: scaled(400, 20),
    drm: 40
  }
  const place = even(seed, "vn", 5)
  const releases = blocks(size.vn, (vn) => releasesAt(1 - place(vn)))
  const jitter = seed("vn chars")
  const chars = blocks(size.vn, (vn) => charsAt(reflected(1 - place(vn) + 0.2 * (jitter(vn).next() - 0.5))))
  const aliases = blocks(size.staff, aliasesAt(even(seed, "staff aliases", 7)))
  const shot = falling(0.25, 0.02)
  const shots = even(seed, "screenshots", 11)
  const screenshots = blocks(
    size.vn,
    (vn) => shots(vn) < 0.52 * shot(place(vn)) ? 3 + Math.floor(shots(vn * 7) * 6.9) : 0
  )
  const portrait = seed("portraits")
  const cover = even(seed, "covers", 13)
  const tags = taxonomy(seed, "tags", treeSize(options.scale, [150, 400, 1000, 3014]), tagDepths)
  const traits = taxonomy(seed, "traits", treeSize(options.scale, [170, 450, 1100, 3328]), traitDepths)
  const changed = seed("changed")
  const baseDay = dayOf(options.date)
  return {
    options,
    seed,
    baseDay,
    today: baseDay + options.day,
    size,
    tags,
    traits,
    tagWeights: weighted(zipf(seed, tags, 0.8)),
    traitWeights: weighted(zipf(seed, traits, 0.9)),
    place,
    releases,
    chars,
    aliases,
    screenshots,
    covers: blocks(releases.total, (release) => coversAt(cover(release))),
    portraits: blocks(chars.total, (char) => portrait(char).chance(0.886) ? 1 : 0),
    changes: (id, number) => {
      let [count, last] = [0, 0]
      for (let day = 1; day <= options.day; day++) {
        if (changed(number, day * 256 + id.charCodeAt(0)).chance(0.005)) [count, last] = [count + 1, day]
      }
      return { count, day: last }
    }
  }
}

/** `2026-10-02 08:00:05+00`, as TIMESTAMP has it. */
export const timestamp = (world: World): string => `${iso(world.today)} 08:00:05+00`

/** Stays even when a number is pushed over an end. */
const reflected = (at: number): number => at < 0 ? -at : at >= 1 ? 2 - at - 1e-9 : at

/** One: 58 %, two: 19 %, up to five: 16 %, up to twenty: 6.5 %, the rest up to 120. */
const releasesAt = (at: number): number => {
  if (at < 0.58) return 1
  if (at < 0.77) return 2
  if (at < 0.93) return 3 + Math.floor(((at - 0.77) / 0.16) ** 1.3 * 3)
  if (at < 0.995) return 6 + Math.floor(((at - 0.93) / 0.065) ** 3 * 15)
  return 20 + Math.floor(((at - 0.995) / 0.005) ** 4 * 100)
}

/** None for 55 %, else geometric. */
const charsAt = (at: number): number =>
  at < 0.55 ? 0 : Math.min(150, 1 + Math.floor(Math.log(1 - (at - 0.55) / 0.45) / Math.log(1 - 1 / 5.7)))

const aliasesAt = (at: (id: number) => number) => (staff: number): number =>
  1 + Math.min(30, Math.floor(Math.log(1 - at(staff)) / Math.log(0.2)))

/** 0.65 on average; one release in three has some. */
const coversAt = (at: number): number => at < 0.66 ? 0 : at < 0.82 ? 1 : 2 + Math.floor(((at - 0.82) / 0.18) ** 2 * 4)

/** Between the sizes at 0.1 %, 1 %, 10 % and 100 %, along logarithms. */
const treeSize = (scale: number, sizes: ReadonlyArray<number>): number => {
  const at = Math.max(0, Math.min(3, Math.log10(scale) + 3))
  const step = Math.min(2, Math.floor(at))
  const [from = 1, to = 1] = [sizes[step], sizes[step + 1]]
  return Math.round(from * (to / from) ** (at - step))
}

/** Entries below the second level, in an order of their own. */
const zipf = (seed: Seed, tree: Taxonomy, exponent: number): Float64Array => {
  const rank = even(seed, "tree ranks", 17)
  return Float64Array.from(
    { length: tree.size + 1 },
    (_, id) => id > 0 && tree.depth(id) > 1 ? (1 + rank(id) * tree.size) ** -exponent : 0
  )
}

const blocks = (owners: number, count: (owner: number) => number): Blocks => {
  const starts = new Int32Array(owners + 2)
  starts[1] = 1
  for (let owner = 1; owner <= owners; owner++) starts[owner + 1] = (starts[owner] ?? 0) + count(owner)
  const start = (owner: number) => starts[owner] ?? 0
  return {
    total: start(owners + 1) - 1,
    first: start,
    count: (owner) => start(owner + 1) - start(owner),
    owner: (id) => {
      let [low, high] = [1, owners]
      while (low < high) {
        const middle = (low + high + 1) >>> 1
        if (start(middle) <= id) low = middle
        else high = middle - 1
      }
      return low
    }
  }
}

/** Votes to expect of every visual novel; a vote needs a voter, so small scales have lower peaks. */
export const voteWeights = (world: World): Float64Array =>
  Float64Array.from(
    { length: world.size.vn + 1 },
    (_, vn) => vn === 0 ? 0 : Math.min(expectedVotes(world.place(vn)), world.size.users * 0.25)
  )

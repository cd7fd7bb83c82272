/** The tables beside the entries: links, wikidata, anime, engines, copy protection, pages and histories. */
import * as Layout from "../../Layout.ts"
import { iso } from "./dates.ts"
import { even, falling } from "./random.ts"
import type { Row, Value } from "./row.ts"
import { prose, title } from "./text.ts"
import { en } from "./words.ts"
import type { World } from "./world.ts"

/** Who has links, how many on average, and to which sites. The first kind stands for entries that are hidden. */
const linkKinds = {
  hidden: { mean: 0.12, sites: ["website"] },
  r: { mean: 1.15, sites: ["website", "steam", "dlsite", "itch", "dmm", "gog", "booth", "getchu"] },
  v: { mean: 0.12, sites: ["wikidata", "renai"] },
  s: { mean: 0.9, sites: ["website", "twitter", "pixiv", "anidb", "youtube", "patreon"] },
  p: { mean: 1.09, sites: ["website", "twitter", "wikidata", "mobygames_comp", "itch_dev"] }
} as const
const kinds = ["hidden", "r", "v", "s", "p"] as const
type LinkKind = typeof kinds[number]

const owners = (world: World, kind: LinkKind): number =>
  kind === "r" || kind === "hidden" ? world.releases.total : world.size[ownerSize[kind]]
const ownerSize = { v: "vn", s: "staff", p: "producers" } as const

const linkCount = (world: World, kind: LinkKind) => {
  const at = even(world.seed, `links ${kind}`, 19)
  const { mean } = linkKinds[kind]
  // None for three in ten, more for some.
  return mean < 0.5
    ? (owner: number) => at(owner) < mean ? 1 : 0
    : (owner: number) => at(owner) < 0.3 ? 0 : 1 + Math.floor((at(owner) - 0.3) / 0.7 * (2 * mean / 0.7 - 1))
}

/** Links are numbered by kind, so that an entry keeps its own at every scale: `5 n + kind`. */
export function* ownLinks(world: World, kind: "r" | "v" | "s" | "p"): Generator<Row> {
  const count = linkCount(world, kind)
  let serial = 0
  for (let owner = 1; owner <= owners(world, kind); owner++) {
    for (let left = count(owner); left > 0; left--) yield [`${kind}${owner}`, linkId(kind, ++serial)]
  }
}

const linkId = (kind: LinkKind, serial: number): number => serial * kinds.length + kinds.indexOf(kind)

export function* extlinks(world: World): Generator<Row> {
  const draws = world.seed("extlinks")
  const totals = kinds.map((kind) => {
    const count = linkCount(world, kind)
    let total = 0
    for (let owner = 1; owner <= owners(world, kind); owner++) total += count(owner)
    return total
  })
  for (let serial = 1; serial <= Math.max(...totals); serial++) {
    for (const [at, kind] of kinds.entries()) {
      if (serial > (totals[at] ?? 0)) continue
      const id = linkId(kind, serial)
      const draw = draws(id)
      const site = draw.pick<string>(linkKinds[kind].sites)
      const word = draw.pick(en.nouns).toLowerCase()
      yield [
        id,
        site,
        site === "website" ? `https://${word}${id}.example.org/` : site === "wikidata" ? String(id) : `${word}${id}`
      ]
    }
  }
}

export function* wikidata(world: World): Generator<Row> {
  const draws = world.seed("wikidata")
  const columns = Layout.tables.wikidata.columns.slice(1)
  const share = falling(0.6, 0.02)
  for (let id = 1; id <= Math.max(10, Math.round(12_000 * world.options.scale)); id++) {
    const draw = draws(id)
    yield [
      id * 37,
      ...columns.map(({ name, type }, at): Value => {
        if (!draw.chance(Math.min(0.6, 0.08 * share(at / columns.length)))) return null
        if (type.kind !== "array") return draw.pick(en.nouns)
        const items = Array.from({ length: draw.chance(0.1) ? 2 : 1 }, () => draw.between(1, 999_999))
        if (type.of.kind === "integer") return items
        if (type.of.kind === "uuid") {
          return items.map((item) => `7d1e0000-0000-4000-8000-${String(item).padStart(12, "0")}`)
        }
        return items.map((item) => `${name} ${item}`)
      })
    ]
  }
}

export function* anime(world: World): Generator<Row> {
  const draws = world.seed("anime")
  for (let id = 1; id <= world.size.anime; id++) {
    const draw = draws(id)
    const name = title(draw, "ja")
    yield [
      id,
      draw.chance(0.5) ? [draw.between(1, 20_000)] : null,
      draw.pick(["tv", "tv", "ova", "mov", "web", "spe", null]),
      draw.between(1990, 2026),
      name.latin ?? name.original,
      draw.chance(0.9) ? name.original : null,
      draw.chance(0.5) ? [draw.between(1, 50_000)] : null
    ]
  }
}

export function* engines(world: World): Generator<Row> {
  const draws = world.seed("engines")
  for (let id = 1; id <= world.size.engines; id++) {
    yield [id, `${draws(id).pick(en.nouns)} Engine ${id}`, draws(id, 1).chance(0.3) ? prose(draws(id, 1), 100) : ""]
  }
}

export function* drm(world: World): Generator<Row> {
  const draws = world.seed("drm")
  for (let id = 1; id <= world.size.drm; id++) {
    const draw = draws(id)
    const flags = Array.from({ length: 8 }, () => draw.chance(0.25))
    yield [id, ...flags, `${draw.pick(en.adjectives)} Guard ${id}`, draw.chance(0.3) ? prose(draw, 100) : ""]
  }
}

export function* docs(world: World): Generator<Row> {
  const draws = world.seed("docs")
  for (let id = 1; id <= 20; id++) {
    yield [`d${id}`, `Guideline ${id}: ${draws(id).pick(en.nouns)}`, prose(draws(id, 1), 1_500)]
  }
}

/** Of every entry, kinds in the order of the letters. */
export function* entryMeta(world: World): Generator<Row> {
  const sizes = {
    c: world.chars.total,
    d: 20,
    g: world.tags.size,
    i: world.traits.size,
    p: world.size.producers,
    q: world.size.quotes,
    r: world.releases.total,
    s: world.size.staff,
    v: world.size.vn
  }
  for (const [kind, size] of Object.entries(sizes)) {
    const draws = world.seed(`entry_meta ${kind}`)
    for (let id = 1; id <= size; id++) {
      const draw = draws(id)
      const age = Math.floor(6_500 * (1 - id / (size + 1))) + draw.below(60) + 1
      const revisions = 1 + Math.floor(draw.next() ** 3 * 12)
      const { count, day } = world.changes(kind, id)
      yield [
        `${kind}${id}`,
        iso(world.baseDay - age),
        iso(count > 0 ? world.baseDay + day : world.baseDay - draw.between(1, age)),
        revisions + count,
        revisions + count - 1,
        Math.min(revisions, draw.between(1, 4))
      ]
    }
  }
}

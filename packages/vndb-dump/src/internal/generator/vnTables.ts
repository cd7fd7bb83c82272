/** The tables of visual novels, without votes. */
import { releaseFacts, translation, vnFacts } from "./facts.ts"
import { falling } from "./random.ts"
import type { Row } from "./row.ts"
import type { Statistics } from "./statistics.ts"
import { prose, remark, title } from "./text.ts"
import type { World } from "./world.ts"

export function* vn(world: World, statistics: Statistics): Generator<Row> {
  const draws = world.seed("vn")
  for (let id = 1; id <= world.size.vn; id++) {
    const draw = draws(id)
    const { olang, devstatus } = vnFacts(world, id)
    const votes = statistics.votes(id)
    const length = statistics.length(id)
    const covers = coversOf(world, id)
    const old = draw.chance(0.7) ? covers[0] : undefined
    const alias = Array.from({ length: draw.chance(0.3) ? draw.between(1, 3) : 0 }, () => title(draw, "en").original)
    yield [
      `v${id}`,
      old === undefined ? null : `cv${old}`,
      covers.length === 0 ? null : `cv${draw.pick(covers)}`,
      olang,
      votes.count,
      votes.rating,
      votes.average,
      length.median,
      length.count,
      draw.chance(0.4) ? 0 : draw.between(1, 5),
      devstatus,
      alias.join("\n"),
      description(world, id)
    ]
  }
}

/** The first picture of each release that has some. */
const coversOf = (world: World, id: number): ReadonlyArray<number> =>
  Array.from({ length: world.releases.count(id) }, (_, at) => world.releases.first(id) + at)
    .filter((release) => world.covers.count(release) > 0)
    .map((release) => world.covers.first(release))

const description = (world: World, id: number): string => {
  const { count } = world.changes("v", id)
  const draw = world.seed("vn description")(id, count)
  return count === 0 && draw.chance(0.1) ? "" : prose(draw, 350 + draw.next() * 700)
}

const moreTitles = falling(0.7, 0.005)

export function* vnTitles(world: World): Generator<Row> {
  const draws = world.seed("vn_titles")
  const own = world.seed("vn title")
  for (let id = 1; id <= world.size.vn; id++) {
    const { olang } = vnFacts(world, id)
    const place = world.place(id)
    const draw = draws(id)
    const languages = new Set<string>([olang])
    for (let more = Math.min(11, draw.about(0.3 * moreTitles(place))); more > 0; more--) {
      languages.add(translation(draw))
    }
    for (const language of [...languages].sort()) {
      const { original, latin } = title(language === olang ? own(id) : draw, language)
      yield [`v${id}`, language, language === olang || !draw.chance(place < 0.05 ? 0.25 : 0.01), original, latin]
    }
  }
}

const reverse = {
  seq: "preq",
  preq: "seq",
  side: "par",
  par: "side",
  fan: "orig",
  orig: "fan",
  set: "set",
  alt: "alt",
  char: "char",
  ser: "ser"
} as const
const relations = Object.keys(reverse) as ReadonlyArray<keyof typeof reverse>

/** The visual novel that one is related to, further down the list; both sides say so. */
const related = (world: World, id: number) => {
  const draw = world.seed("vn_relations")(id)
  const other = id + draw.between(1, 4)
  if (!draw.chance(0.38) || other > world.size.vn) return undefined
  return { other, relation: draw.pick(relations), official: draw.chance(0.85) }
}

export function* vnRelations(world: World): Generator<Row> {
  for (let id = 1; id <= world.size.vn; id++) {
    for (let from = Math.max(1, id - 4); from < id; from++) {
      const back = related(world, from)
      if (back?.other === id) yield [`v${id}`, `v${from}`, reverse[back.relation], back.official]
    }
    const on = related(world, id)
    if (on !== undefined) yield [`v${id}`, `v${on.other}`, on.relation, on.official]
  }
}

export function* vnScreenshots(world: World): Generator<Row> {
  const draws = world.seed("vn_screenshots")
  for (let id = 1; id <= world.size.vn; id++) {
    const draw = draws(id)
    for (let at = 0; at < world.screenshots.count(id); at++) {
      const release = world.releases.first(id) + draw.below(world.releases.count(id))
      yield [`v${id}`, `sf${world.screenshots.first(id) + at}`, draw.chance(0.95) ? `r${release}` : null]
    }
  }
}

/** Translations and ports have a staff of their own; few visual novels have that. */
const editions = (world: World, id: number): number => {
  const draw = world.seed("vn_editions")(id)
  return draw.chance(0.03) ? draw.between(1, 3) : 0
}

export function* vnEditions(world: World): Generator<Row> {
  for (let id = 1; id <= world.size.vn; id++) {
    const draw = world.seed("vn_editions names")(id)
    for (let edition = 0; edition < editions(world, id); edition++) {
      const language = draw.chance(0.9) ? translation(draw) : null
      yield [`v${id}`, language, edition, draw.chance(0.5), `${language ?? "Other"} edition ${edition + 1}`]
    }
  }
}

const roles = ["scenario", "chardesign", "art", "music", "songs", "director", "translator", "editor", "qa", "staff"]
const people = falling(0.5, 0.02)

/** Few people do much. */
const someAlias = (world: World, at: number): number => 1 + Math.floor(at ** 1.8 * world.aliases.total)

export function* vnStaff(world: World): Generator<Row> {
  const draws = world.seed("vn_staff")
  for (let id = 1; id <= world.size.vn; id++) {
    const draw = draws(id)
    const seen = new Set<string>()
    const count = editions(world, id)
    for (let left = draw.about(3.6 * people(world.place(id))); left > 0; left--) {
      const [alias, role] = [someAlias(world, draw.next()), draw.pick(roles)]
      const edition = count > 0 && draw.chance(0.4) ? draw.below(count) : null
      const key = `${edition} ${alias} ${role}`
      if (seen.has(key)) continue
      seen.add(key)
      yield [`v${id}`, alias, role, edition, draw.chance(0.05) ? remark(draw) : ""]
    }
  }
}

export function* vnSeiyuu(world: World): Generator<Row> {
  const draws = world.seed("vn_seiyuu")
  for (let char = 1; char <= world.chars.total; char++) {
    const draw = draws(char)
    if (!draw.chance(0.78)) continue
    const note = draw.chance(0.02) ? "as a child" : ""
    yield [`v${world.chars.owner(char)}`, `c${char}`, someAlias(world, draw.next()), note]
  }
}

export function* vnAnime(world: World): Generator<Row> {
  const draws = world.seed("vn_anime")
  for (let id = 1; id <= world.size.vn; id++) {
    const draw = draws(id)
    const found = new Set<number>()
    for (let left = draw.about(Math.min(2, 0.0285 * moreTitles(world.place(id)))); left > 0; left--) {
      found.add(draw.between(1, world.size.anime))
    }
    for (const anime of [...found].sort((one, other) => one - other)) yield [`v${id}`, anime]
  }
}

export function* vnImageVotes(world: World): Generator<Row> {
  const draws = world.seed("vn_image_votes")
  for (let id = 1; id <= world.size.vn; id++) {
    const covers = coversOf(world, id)
    if (covers.length === 0) continue
    const draw = draws(id)
    const users = new Set<number>()
    for (let left = draw.about(1.35 * people(world.place(id))); left > 0; left--) {
      users.add(1 + Math.floor(draw.next() ** 2 * world.size.users))
    }
    for (const user of [...users].sort((one, other) => one - other)) {
      yield [`v${id}`, `u${user}`, `cv${draw.pick(covers)}`]
    }
  }
}

const lines = [
  "If nobody remembers it, did it ever happen?",
  "The sea has no road, and yet everyone comes home.",
  "I would choose the same ending again.",
  "「また明日」と言えることが、どれほど幸せか。",
  "A promise is only a wish with a witness.",
  "Don't save here.\nTrust me."
]

export function* quotes(world: World): Generator<Row> {
  const draws = world.seed("quotes")
  for (let id = 1; id <= world.size.quotes; id++) {
    const draw = draws(id)
    const novel = 1 + Math.floor(draw.next() ** 2 * world.size.vn)
    const cast = world.chars.count(novel)
    const { count } = world.changes("q", id)
    yield [
      `q${id}`,
      `v${novel}`,
      cast > 0 && draw.chance(0.7) ? `c${world.chars.first(novel) + draw.below(cast)}` : null,
      draw.between(-1, 12) + count,
      draw.pick(lines)
    ]
  }
}

/** For length votes: the complete releases of a visual novel, or its first. */
export const playable = (world: World, id: number): ReadonlyArray<number> => {
  const all = Array.from({ length: world.releases.count(id) }, (_, at) => world.releases.first(id) + at)
  const complete = all.slice(0, 8).filter((release) => releaseFacts(world, release).rtype === "complete")
  return complete.length === 0 ? all.slice(0, 1) : complete
}

/** The tables of characters. */
import { vnFacts } from "./facts.ts"
import type { Row } from "./row.ts"
import { person, prose } from "./text.ts"
import type { World } from "./world.ts"

const cups = ["", "", "", "A", "B", "C", "D", "E"]
const monthDays = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

export function* chars(world: World): Generator<Row> {
  const draws = world.seed("chars")
  for (let id = 1; id <= world.chars.total; id++) {
    const draw = draws(id)
    const sex = draw.pick(["f", "f", "f", "m", "m", "", "n"])
    const month = draw.between(1, 12)
    const birthday = draw.chance(0.3) ? month * 100 + draw.between(1, monthDays[month - 1] ?? 28) : 0
    const measured = draw.chance(0.25)
    const main = mainOf(world, id)
    yield [
      `c${id}`,
      world.portraits.count(id) > 0 ? `ch${world.portraits.first(id)}` : null,
      draw.pick(["unknown", "unknown", "unknown", "a", "b", "o", "ab"]),
      sex === "f" && measured ? draw.pick(cups) : "",
      sex,
      draw.chance(0.01) ? draw.pick(["m", "f", "b"]) : null,
      draw.chance(0.02) ? draw.pick(["", "m", "f", "o", "a"]) : null,
      draw.chance(0.005) ? draw.pick(["m", "f", "o"]) : null,
      main === undefined ? null : `c${main}`,
      main === undefined ? 0 : draw.pick([0, 0, 1, 2]),
      measured ? draw.between(70, 105) : 0,
      measured ? draw.between(50, 70) : 0,
      measured ? draw.between(72, 100) : 0,
      birthday,
      draw.chance(0.35) ? draw.between(138, 192) : 0,
      draw.chance(0.15) ? draw.between(36, 90) : null,
      draw.chance(0.3) ? draw.between(6, 60) : null,
      description(world, id)
    ]
  }
}

/** Some are another side of the character before them, who then has no other main of their own. */
const mainOf = (world: World, id: number): number | undefined => {
  const draws = world.seed("chars main")
  const linked = (one: number) =>
    one > 1 && world.chars.owner(one) === world.chars.owner(one - 1) && draws(one).chance(0.025)
  return linked(id) && !linked(id - 1) ? id - 1 : undefined
}

const description = (world: World, id: number): string => {
  const { count } = world.changes("c", id)
  const draw = world.seed("char description")(id, count)
  return count === 0 && draw.chance(0.3) ? "" : prose(draw, 200 + draw.next() * 350)
}

export function* charsNames(world: World): Generator<Row> {
  const draws = world.seed("chars_names")
  for (let id = 1; id <= world.chars.total; id++) {
    const draw = draws(id)
    const { olang } = vnFacts(world, world.chars.owner(id))
    const languages = [...new Set(draw.chance(0.12) ? [olang, draw.pick(["en", "ja", "zh-Hans", "ru"])] : [olang])]
    for (const language of languages.sort()) {
      const name = person(draw, language)
      yield [`c${id}`, language, name.original, name.latin]
    }
  }
}

export function* charsAlias(world: World): Generator<Row> {
  const draws = world.seed("chars_alias")
  for (let id = 1; id <= world.chars.total; id++) {
    const draw = draws(id)
    const { olang } = vnFacts(world, world.chars.owner(id))
    const found = new Map(Array.from({ length: draw.about(0.56) }, () => {
      const name = person(draw, olang)
      return [name.original, name.latin] as const
    }))
    for (const [name, latin] of [...found].sort(([one], [other]) => one < other ? -1 : 1)) {
      yield [`c${id}`, draw.pick([0, 0, 0, 1, 2]), name, latin]
    }
  }
}

/** At least two traits or so for everybody; nearly a negative binomial of mean 18. */
export function* charsTraits(world: World): Generator<Row> {
  const draws = world.seed("chars_traits")
  for (let id = 1; id <= world.chars.total; id++) {
    const draw = draws(id)
    const count = Math.min(150, Math.round(-8.9 * (Math.log(1 - draw.next()) + Math.log(1 - draw.next()))))
    const found: Array<number> = []
    world.traitWeights.distinct(draw, count, new Set(), (trait) => found.push(trait))
    for (const trait of found.sort((one, other) => one - other)) {
      const spoil = draw.next()
      yield [`c${id}`, `i${trait}`, spoil < 0.88 ? 0 : spoil < 0.96 ? 1 : 2, draw.chance(0.01)]
    }
  }
}

const roles = [
  "main",
  "main",
  "main",
  "primary",
  "primary",
  "primary",
  "primary",
  "primary",
  "primary",
  "primary",
  "side"
]
const smallRoles = ["side", "side", "side", "side", "side", "side", "side", "appears", "appears"]

export function* charsVns(world: World): Generator<Row> {
  const draws = world.seed("chars_vns")
  for (let id = 1; id <= world.chars.total; id++) {
    const draw = draws(id)
    const own = world.chars.owner(id)
    const role = draw.pick(draw.chance(0.55) ? roles : smallRoles)
    const spoil = draw.pick([0, 0, 0, 0, 0, 1, 2])
    const releases = world.releases.count(own)
    yield [`c${id}`, `v${own}`, null, role, spoil]
    if (draw.chance(0.12)) {
      yield [`c${id}`, `v${own}`, `r${world.releases.first(own) + draw.below(releases)}`, draw.pick(smallRoles), spoil]
    }
    if (own < world.size.vn && draw.chance(0.18)) yield [`c${id}`, `v${own + 1}`, null, draw.pick(smallRoles), 0]
  }
}

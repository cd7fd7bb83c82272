/** The tables of producers and staff. */
import { originalLanguage, someProducer } from "./facts.ts"
import type { Row } from "./row.ts"
import { person, prose, studio } from "./text.ts"
import type { World } from "./world.ts"

/** Description of an entry, as many characters as it has at this revision. */
const description = (world: World, kind: string, id: number, share: number, length: number): string => {
  const { count } = world.changes(kind, id)
  const draw = world.seed(`${kind} description`)(id, count)
  return count > 0 || draw.chance(share) ? prose(draw, length * (0.4 + draw.next())) : ""
}

export function* producers(world: World): Generator<Row> {
  const draws = world.seed("producers")
  for (let id = 1; id <= world.size.producers; id++) {
    const draw = draws(id)
    const language = originalLanguage(draw)
    const type = draw.pick(["co", "co", "in", "ng", "ng"])
    const name = type === "in" ? person(draw, language) : studio(draw, language)
    const alias = Array.from({ length: draw.chance(0.2) ? draw.between(1, 3) : 0 }, () => studio(draw, "en").original)
    yield [
      `p${id}`,
      type,
      language,
      name.original,
      name.latin,
      alias.join("\n"),
      description(world, "p", id, 0.32, 60)
    ]
  }
}

const reverse = {
  old: "new",
  new: "old",
  sub: "par",
  par: "sub",
  imp: "ipa",
  ipa: "imp",
  spa: "ori",
  ori: "spa"
} as const
const relations = Object.keys(reverse) as ReadonlyArray<keyof typeof reverse>

/** The producer that one is related to, further down the list. */
const related = (world: World, id: number) => {
  const draw = world.seed("producers_relations")(id)
  const other = id + draw.between(1, 3)
  return draw.chance(0.127) && other <= world.size.producers ? { other, relation: draw.pick(relations) } : undefined
}

export function* producersRelations(world: World): Generator<Row> {
  for (let id = 1; id <= world.size.producers; id++) {
    for (let from = Math.max(1, id - 3); from < id; from++) {
      const back = related(world, from)
      if (back?.other === id) yield [`p${id}`, `p${from}`, reverse[back.relation]]
    }
    const on = related(world, id)
    if (on !== undefined) yield [`p${id}`, `p${on.other}`, on.relation]
  }
}

const language = (world: World, id: number) => originalLanguage(world.seed("staff language")(id))

export function* staff(world: World): Generator<Row> {
  const draws = world.seed("staff")
  for (let id = 1; id <= world.size.staff; id++) {
    const draw = draws(id)
    yield [
      `s${id}`,
      draw.pick(["", "m", "m", "f", "f"]),
      language(world, id),
      world.aliases.first(id) + draw.below(world.aliases.count(id)),
      description(world, "s", id, 0.2, 150),
      draw.chance(0.03) ? `p${someProducer(world, draw)}` : null
    ]
  }
}

export function* staffAlias(world: World): Generator<Row> {
  const draws = world.seed("staff_alias")
  for (let id = 1; id <= world.size.staff; id++) {
    for (let at = 0; at < world.aliases.count(id); at++) {
      const name = person(draws(id, at), language(world, id))
      yield [`s${id}`, world.aliases.first(id) + at, name.original, name.latin]
    }
  }
}

/** The tables of tags and traits, and the votes on tags. */
import { iso } from "./dates.ts"
import { someUsers } from "./facts.ts"
import { falling } from "./random.ts"
import type { Row } from "./row.ts"
import type { Taxonomy } from "./taxonomy.ts"
import { prose, remark } from "./text.ts"
import { tagAdjectives, tagNouns, traitNouns } from "./words.ts"
import type { World } from "./world.ts"

const tagRoots = ["Theme", "Characters", "Plot", "Technical", "Sexual Content"]
const categories = ["cont", "cont", "cont", "tech", "ero"]
const traitRoots = ["Hair", "Eyes", "Body", "Clothes", "Items", "Personality", "Role", "Engages in", "Subject of"]

/** Names are all different: every adjective with every noun before one is used again. */
const nameOf = (id: number, adjectives: ReadonlyArray<string>, nouns: ReadonlyArray<string>): string => {
  const noun = nouns[id % nouns.length] ?? ""
  const turn = Math.floor(id / nouns.length)
  const adjective = adjectives[(turn + id) % adjectives.length] ?? ""
  const again = Math.floor(turn / adjectives.length)
  return `${adjective} ${noun}${again > 0 ? ` ${again + 1}` : ""}`
}

const describe = (world: World, kind: "g" | "i", id: number, name: string): string => {
  const { count } = world.changes(kind, id)
  const draw = world.seed(`${kind} description`)(id, count)
  return `${name}. ${prose(draw, 60 + Math.floor(draw.next() ** 2 * 400))}`
}

export function* tags(world: World): Generator<Row> {
  const draws = world.seed("tags")
  for (let id = 1; id <= world.tags.size; id++) {
    const draw = draws(id)
    const root = world.tags.depth(id) === 0
    const name = root ? tagRoots[id - 1] ?? "" : nameOf(id, tagAdjectives, tagNouns)
    const aliases = Math.min(15, Math.floor(Math.log(1 - draw.next()) / Math.log(1.29 / 2.29)))
    yield [
      `g${id}`,
      categories[world.tags.root(id) - 1] ?? "cont",
      draw.pick([0, 0, 0, 0, 0, 0, 1, 2]),
      !root && !draw.chance(0.02),
      !root && !draw.chance(0.06),
      name,
      Array.from({ length: aliases }, (_, at) => `${name} ${at === 0 ? "(other)" : `(form ${at + 1})`}`).join("\n"),
      describe(world, "g", id, name)
    ]
  }
}

export function* traits(world: World): Generator<Row> {
  const draws = world.seed("traits")
  for (let id = 1; id <= world.traits.size; id++) {
    const draw = draws(id)
    const root = world.traits.root(id)
    const name = root === id ? traitRoots[id - 1] ?? "" : nameOf(id, tagAdjectives, traitNouns)
    yield [
      `i${id}`,
      root === id ? null : `i${root}`,
      root === id ? id : 0,
      draw.pick([0, 0, 0, 0, 0, 0, 1, 2]),
      root >= 8 && root !== id && draw.chance(0.3),
      root !== id && !draw.chance(0.02),
      root !== id && !draw.chance(0.06),
      name,
      draw.chance(0.4) ? `${name} (other)` : "",
      describe(world, "i", id, name)
    ]
  }
}

/** The first parent is the main one. */
export function* parents(kind: "g" | "i", tree: Taxonomy): Generator<Row> {
  for (let id = 1; id <= tree.size; id++) {
    const all = tree.parents(id)
    for (const parent of [...all].sort((one, other) => one - other)) {
      yield [`${kind}${id}`, `${kind}${parent}`, parent === all[0]]
    }
  }
}

const amount = falling(0.55, 0.012)

/** By visual novel, then tag: 15 tags on average, each with nearly two votes. */
export function* tagsVn(world: World): Generator<Row> {
  const draws = world.seed("tags_vn")
  for (let vn = 1; vn <= world.size.vn; vn++) {
    const place = world.place(vn)
    const draw = draws(vn)
    const found: Array<number> = []
    const count = Math.min(world.tagWeights.size >> 1, draw.about(15.6 * amount(place)))
    world.tagWeights.distinct(draw, count, new Set(), (tag) => found.push(tag))
    for (const tag of found.sort((one, other) => one - other)) {
      const votes = 1 + Math.floor(Math.log(1 - draw.next()) / Math.log(0.48))
      const disputed = draw.chance(0.08)
      for (const user of [...someUsers(world, draw, votes, 2)].sort((one, other) => one - other)) {
        const lie = draw.next()
        yield [
          iso(world.baseDay - draw.between(1, 5_500)),
          `g${tag}`,
          `v${vn}`,
          draw.chance(0.01) ? null : `u${user}`,
          disputed ? draw.pick([-3, -2, -1, 1, 2]) : draw.pick([1, 2, 2, 3, 3, 3]),
          draw.chance(0.5) ? draw.pick([0, 0, 0, 1, 2]) : null,
          draw.chance(0.005),
          lie < 0.95 ? null : lie > 0.99,
          draw.chance(0.02) ? remark(draw) : ""
        ]
      }
    }
  }
}

/** The tables of users and their lists. */
import { iso } from "./dates.ts"
import { userFacts } from "./facts.ts"
import { type Lists, vnOf, voteOf } from "./lists.ts"
import { voteYears } from "./popularity.ts"
import type { Draw } from "./random.ts"
import type { Row } from "./row.ts"
import { remark } from "./text.ts"
import { en, ja } from "./words.ts"
import type { World } from "./world.ts"

export function* users(world: World): Generator<Row> {
  const draws = world.seed("user names")
  for (let id = 1; id <= world.size.users; id++) {
    const { ignored, mayRateImages, mayTag, mayTime } = userFacts(world, id)
    const draw = draws(id)
    const word = draw.chance(0.5) ? draw.pick(ja.nouns)[1] : `${draw.pick(en.adjectives)}${draw.pick(en.nouns)}`
    yield [`u${id}`, ignored, mayRateImages, mayTag, mayTime, draw.chance(0.005) ? null : `${word}${id}`]
  }
}

const builtIn = ["Playing", "Finished", "Stalled", "Dropped", "Wishlist", "Blacklist", "Voted"]
const ownLabels = ["Favourites", "To re-read", "Owned", "積みゲー", "Short ones", "With \\friends\\"]

/** Labels of a user's own, beside the seven that everybody has. */
const labelsOf = (world: World, user: number): ReadonlyArray<string> => {
  const draw = world.seed("labels")(user)
  if (!draw.chance(0.12)) return []
  return [...new Set(Array.from({ length: draw.between(1, 4) }, () => draw.pick(ownLabels)))]
}

/** Two of three users have a list that shows labels. */
export function* ulistLabels(world: World): Generator<Row> {
  for (let user = 1; user <= world.size.users; user++) {
    const own = labelsOf(world, user)
    if (own.length === 0 && user % 100 >= 57) continue
    for (const [at, label] of builtIn.entries()) yield [`u${user}`, at + 1, label]
    for (const [at, label] of own.entries()) yield [`u${user}`, at + 10, label]
  }
}

export function* ulistVns(world: World, lists: Lists): Generator<Row> {
  const draws = world.seed("ulist_vns details")
  for (let user = 1; user <= world.size.users; user++) {
    const own = labelsOf(world, user)
    const draw = draws(user)
    for (const one of lists.of(user)) {
      const [vn, vote] = [vnOf(one), voteOf(one)]
      const added = someDay(world, draw)
      const label = labelFor(draw, vote > 0)
      const voteDay = Math.min(world.baseDay, added + draw.below(200))
      const finished = label === 2 && draw.chance(0.3) ? voteDay : undefined
      yield [
        `u${user}`,
        `v${vn}`,
        iso(added),
        iso(Math.max(voteDay, finished ?? 0)),
        vote > 0 ? iso(voteDay) : null,
        finished === undefined ? null : iso(finished - draw.below(60)),
        finished === undefined ? null : iso(finished),
        vote > 0 ? vote : null,
        draw.chance(0.03) ? remark(draw) : "",
        [
          ...(label === 0 ? [] : [label]),
          ...(vote > 0 ? [7] : []),
          ...(own.length > 0 && draw.chance(0.2) ? [10 + draw.below(own.length)] : [])
        ]
      ]
    }
  }
}

/** Whoever voted has mostly finished; of the rest three in five are wishes. */
const labelFor = (draw: Draw, voted: boolean): number => {
  const at = draw.next()
  if (voted) return at < 0.83 ? 2 : at < 0.89 ? 4 : at < 0.93 ? 3 : at < 0.95 ? 1 : 0
  return at < 0.58 ? 5 : at < 0.65 ? 1 : at < 0.71 ? 3 : at < 0.73 ? 4 : at < 0.79 ? 2 : at < 0.81 ? 6 : 0
}

const yearsTotal = voteYears.reduce((sum, one) => sum + one, 0)

/** Later years have more. */
const someDay = (world: World, draw: Draw): number => {
  let left = draw.next() * yearsTotal
  let years = voteYears.length
  for (const share of voteYears) {
    years--
    if ((left -= share) < 0) break
  }
  return Math.max(13_850, world.baseDay - Math.floor((years + draw.next()) * 365.25))
}

/** About one release for eight entries of a list. */
export function* rlists(world: World): Generator<Row> {
  const draws = world.seed("rlists")
  for (let user = 1; user <= world.size.users; user++) {
    const draw = draws(user)
    const size = Math.min(world.releases.total >> 1, Math.floor(Math.exp(1.5 + 1.2 * draw.normal()) * 1.08))
    const found = new Set<number>()
    while (found.size < size) found.add(1 + Math.floor(draw.next() ** 1.5 * world.releases.total))
    for (const release of [...found].sort((one, other) => one - other)) {
      yield [`u${user}`, `r${release}`, iso(someDay(world, draw)), draw.pick([0, 1, 2, 2, 2, 2, 3, 4])]
    }
  }
}

/** What is on the lists of users, and how they voted: most of a dump. */
import { userFacts } from "./facts.ts"
import { type Draw, even, reusable, type Weighted, weighted } from "./random.ts"
import type { Tally } from "./statistics.ts"
import { voteWeights, type World } from "./world.ts"

/** An entry of a list in one number, because there are millions: the visual novel, and a vote of 10 to 100 or 0. */
type ListEntry = number

const entry = (vn: number, vote: number): ListEntry => vn * 128 + vote
export const vnOf = (one: ListEntry): number => one >>> 7
export const voteOf = (one: ListEntry): number => one & 127

export interface Lists {
  /** In the order of ids. */
  readonly of: (user: number) => Uint32Array
  /** Votes by visual novel, without ignored voters; `skip` leaves out those that are not in the dump. */
  readonly tallies: (skip: (vn: number) => boolean) => Map<number, Tally>
}

export const makeLists = (world: World): Lists => {
  const weights = voteWeights(world)
  const voted = weighted(weights)
  const listed = weighted(weights.map((weight, vn) => vn === 0 ? 0 : weight ** 0.9 + 3))
  const sizes = listSizes(world, weights, voted)
  const opinion = opinions(world)
  const draws = world.seed("ulist_vns")
  const taken = reusable(world.size.vn)
  const of = (user: number): Uint32Array => {
    const draw = draws(user)
    taken.empty()
    const entries = new Uint32Array(sizes.lists[user] ?? 0)
    let size = 0
    const severity = draw.normal() * 0.5
    const votes = sizes.votes[user] ?? 0
    voted.distinct(draw, votes, taken, (vn) => {
      const vote = opinion(vn) + severity + deviation(draw)
      const rounded = draw.chance(0.8) ? Math.round(vote) * 10 : Math.round(vote * 10)
      entries[size++] = entry(vn, Math.max(10, Math.min(100, rounded)))
    })
    listed.distinct(draw, (sizes.lists[user] ?? 0) - votes, taken, (vn) => entries[size++] = entry(vn, 0))
    return entries.subarray(0, size).sort()
  }
  return {
    of,
    tallies: (skip) => {
      const tallies = new Map<number, Tally>()
      for (let user = 1; user <= world.size.users; user++) {
        if ((sizes.votes[user] ?? 0) === 0 || userFacts(world, user).ignored) continue
        for (const one of of(user)) {
          const [vn, vote] = [vnOf(one), voteOf(one)]
          if (vote === 0 || skip(vn)) continue
          const tally = tallies.get(vn)
          if (tally === undefined) tallies.set(vn, { count: 1, sum: vote })
          else {
            tally.count++
            tally.sum += vote
          }
        }
      }
      return tallies
    }
  }
}

/** The mean vote of a visual novel: normal, higher for what many know. */
const opinions = (world: World) => {
  const [first, second] = [even(world.seed, "opinion", 2), even(world.seed, "opinion angle", 3)]
  return (vn: number): number => {
    const normal = Math.sqrt(-2 * Math.log(1 - first(vn))) * Math.cos(2 * Math.PI * second(vn * 13))
    return 7.45 + 0.75 * normal + 0.5 * Math.max(0, 1 - world.place(vn) * 20)
  }
}

/** Some are disappointed, hardly anybody the other way round. */
const deviation = (draw: Draw): number => draw.chance(0.17) ? -3 * Math.abs(draw.normal()) : 1.4 * draw.normal()

/** Lognormal, and stretched so that their sums are what the scale asks for. */
const listSizes = (world: World, weights: Float64Array, voted: Weighted) => {
  const { users, vn } = world.size
  const draws = world.seed("list sizes")
  const rawVotes = new Float64Array(users + 1)
  const rawLists = new Float64Array(users + 1)
  for (let user = 1; user <= users; user++) {
    const draw = draws(user)
    // People who list much vote much.
    const shared = draw.normal()
    rawLists[user] = Math.exp(2.8 + 1.7 * shared)
    rawVotes[user] = draw.chance(0.58) ? Math.exp(2.33 + 1.4 * (0.7 * shared + 0.714 * draw.normal())) : 0
  }
  const expected = weights.reduce((sum, one) => sum + one, 0)
  const votes = stretched(rawVotes, Math.floor(voted.size * 0.7), expected)
  const lists = stretched(rawLists, Math.floor(vn * 0.8), 9_900_000 * world.options.scale, votes)
  return { votes, lists }
}

const stretched = (raw: Float64Array, most: number, sum: number, least?: Int32Array): Int32Array => {
  const sized = (factor: number) =>
    Int32Array.from(raw, (one, at) => Math.max(least?.[at] ?? 0, Math.min(most, Math.round(one * factor))))
  let [low, high] = [0, 64]
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2
    if (sized(middle).reduce((total, one) => total + one, 0) < sum) low = middle
    else high = middle
  }
  return sized(high)
}

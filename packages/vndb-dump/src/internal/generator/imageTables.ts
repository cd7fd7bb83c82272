/** Images and what users think of them. The figures of an image are those of its votes. */
import { iso } from "./dates.ts"
import { someUsers } from "./facts.ts"
import type { Row } from "./row.ts"
import type { World } from "./world.ts"

export interface ImageVote {
  readonly user: number | null
  readonly day: number
  readonly sexual: number
  readonly violence: number
  readonly ignored: boolean
}

const kinds = ["ch", "cv", "sf"] as const
type ImageKind = typeof kinds[number]

const total = (world: World, kind: ImageKind): number =>
  (kind === "ch" ? world.portraits : kind === "cv" ? world.covers : world.screenshots).total

/**
 * Most images have ten to sixteen votes: fifteen make one unlikely to be shown again. Votes of users that are gone are
 * the ones that are ignored.
 */
const imageVotes = (world: World, kind: ImageKind, id: number): ReadonlyArray<ImageVote> => {
  const draw = world.seed(`image_votes ${kind}`)(id)
  const odd = draw.next()
  const count = odd < 0.01
    ? 0
    : odd < 0.08
    ? draw.between(1, 9)
    : odd < 0.97
    ? draw.between(12, 16)
    : draw.between(17, 40)
  const mood = draw.next()
  const sexual = mood < 0.6 ? 0.05 : mood < 0.85 ? 1 : 1.9
  const violence = draw.chance(0.93) ? 0.05 : 1.3
  const vote = (mean: number) => Math.max(0, Math.min(2, Math.round(mean + draw.normal() * 0.35)))
  return [...someUsers(world, draw, count, 3)].sort((one, other) => one - other).map((user) => {
    const gone = draw.chance(0.01)
    return {
      user: gone ? null : user,
      day: world.baseDay - draw.between(1, 2_600),
      sexual: vote(sexual),
      violence: vote(violence),
      ignored: gone
    }
  })
}

export interface ImageFigures {
  readonly count: number
  readonly values: readonly [sexual: number, sexualSpread: number, violence: number, violenceSpread: number]
  readonly weight: number
}

/**
 * Means and standard deviations (of the population) times 100, over votes that are not ignored; only those of frequent
 * voters when there is one. 200 without any. `weight` falls to 1 with the fifteenth vote.
 */
export const imageFigures = (votes: ReadonlyArray<ImageVote>, frequent: (user: number) => boolean): ImageFigures => {
  const counted = votes.filter((vote) => !vote.ignored)
  const trusted = counted.filter((vote) => vote.user !== null && frequent(vote.user))
  const used = trusted.length > 0 ? trusted : counted
  return {
    count: votes.length,
    values: [...figures(used.map((vote) => vote.sexual)), ...figures(used.map((vote) => vote.violence))],
    weight: Math.max(1, 16 - votes.length)
  }
}

const figures = (values: ReadonlyArray<number>): readonly [number, number] => {
  const n = values.length
  if (n === 0) return [200, 0]
  const sum = values.reduce((total, one) => total + one, 0)
  const squares = values.reduce((total, one) => total + one * one, 0)
  // Half up, as PostgreSQL rounds numerics.
  return [Math.floor((sum * 200 + n) / (2 * n)), Math.round(100 * Math.sqrt(n * squares - sum * sum) / n)]
}

/** Whether a user rated more than thirty images: one pass over all votes. */
export const frequentVoters = (world: World): (user: number) => boolean => {
  const counts = new Int32Array(world.size.users + 1)
  for (const kind of kinds) {
    for (let id = 1; id <= total(world, kind); id++) {
      for (const { user } of imageVotes(world, kind, id)) {
        if (user !== null) counts[user] = (counts[user] ?? 0) + 1
      }
    }
  }
  return (user) => (counts[user] ?? 0) > 30
}

export function* images(world: World, frequent: (user: number) => boolean): Generator<Row> {
  for (const kind of kinds) {
    const draws = world.seed(`images ${kind}`)
    for (let id = 1; id <= total(world, kind); id++) {
      const draw = draws(id)
      const [width, height] = kind === "ch"
        ? [draw.between(160, 256), draw.between(200, 300)]
        : kind === "cv"
        ? [draw.between(250, 1200), draw.between(350, 1600)]
        : draw.pick([[800, 600], [1280, 720], [1920, 1080]] as const)
      const { count, values, weight } = imageFigures(imageVotes(world, kind, id), frequent)
      yield [`${kind}${id}`, width, height, count, ...values, weight]
    }
  }
}

export function* imageVotesRows(world: World): Generator<Row> {
  for (const kind of kinds) {
    for (let id = 1; id <= total(world, kind); id++) {
      for (const vote of imageVotes(world, kind, id)) {
        yield [
          `${kind}${id}`,
          vote.user === null ? null : `u${vote.user}`,
          iso(vote.day),
          vote.sexual,
          vote.violence,
          vote.ignored
        ]
      }
    }
  }
}

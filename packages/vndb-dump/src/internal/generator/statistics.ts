/**
 * The figures that a dump carries of its own votes: `vn.c_votecount`, `c_average`, `c_rating`, `c_length` and
 * `c_lengthnum`, by VNDB's rules. One pass over all lists.
 */
import type { LengthVote } from "./lengthVotes.ts"

export interface VoteFigures {
  readonly count: number
  /** Times 100, both. */
  readonly average: number | null
  readonly rating: number | null
}

export interface LengthFigures {
  readonly median: number | null
  readonly count: number
}

export interface Statistics {
  readonly votes: (vn: number) => VoteFigures
  readonly length: (vn: number) => LengthFigures
}

/** Votes of one visual novel: how many, and their sum; a vote is from 10 to 100. */
export interface Tally {
  count: number
  sum: number
}

export const none: VoteFigures = { count: 0, average: null, rating: null }

/**
 * The mean is drawn towards the mean of all means with the weight of up to seven votes, less as votes come in, none from
 * a hundred on. Below five votes there is no rating. Below fifty it is at most the 102nd best of those with fifty or
 * more; below a hundred at most the 52nd best of those with a hundred or more.
 */
export const voteFigures = (tallies: ReadonlyMap<number, Tally>): ReadonlyMap<number, VoteFigures> => {
  let means = 0
  for (const { count, sum } of tallies.values()) means += sum / count
  const mean = means / Math.max(1, tallies.size)
  const raw = new Map<number, number>()
  for (const [vn, { count, sum }] of tallies) {
    const pull = 7 * (1 - Math.min(1, count / 100))
    raw.set(vn, (pull * mean + sum) / (pull + count))
  }
  const best = (least: number, rank: number) =>
    [...tallies].filter(([, { count }]) => count >= least).map(([vn]) => raw.get(vn) ?? 0)
      .sort((one, other) => other - one)[rank - 1] ?? Infinity
  const [cap50, cap100] = [best(50, 102), best(100, 52)]
  return new Map([...tallies].map(([vn, { count, sum }]) => {
    const cap = count < 50 ? cap50 : count < 100 ? cap100 : Infinity
    return [vn, {
      count,
      // Half up, as PostgreSQL rounds numerics.
      average: Math.floor((sum * 20 + count) / (2 * count)),
      rating: count < 5 ? null : Math.round(Math.min(raw.get(vn) ?? 0, cap) * 10)
    }]
  }))
}

/**
 * The median of what counted votes say for a reader of normal speed: a quarter less for slow readers, a quarter more
 * for fast ones. `speed` null is not counted, nor is a visual novel in development.
 */
export const lengthFigures = (
  votes: ReadonlyArray<LengthVote>,
  inDevelopment: boolean,
  allowed: (user: number) => boolean
): LengthFigures => {
  const minutes = votes
    .flatMap(({ user, length, speed }) =>
      speed === null || user === null || inDevelopment || !allowed(user)
        ? []
        : [length + Math.trunc(length / 4) * (speed - 1)]
    )
    .sort((one, other) => one - other)
  const count = minutes.length
  if (count === 0) return { median: null, count }
  const middle = ((minutes[(count - 1) >> 1] ?? 0) + (minutes[count >> 1] ?? 0)) / 2
  return { median: Math.floor(middle), count }
}

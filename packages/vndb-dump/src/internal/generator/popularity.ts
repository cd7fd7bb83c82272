/**
 * How popular visual novels are: votes by rank, as counted by a public statistic of VNDB's dump of 2025-05-16 (54,268
 * entries, 16,902 of them with votes). Facts of VNDB, under the Open Database License 1.0.
 */

/** Rank and votes; between two, votes fall along a straight line of logarithms. */
const ladder: ReadonlyArray<readonly [rank: number, votes: number]> = [
  [1, 19439],
  [2, 17070],
  [3, 16811],
  [5, 14407],
  [7, 12073],
  [10, 10965],
  [20, 8201],
  [35, 6022],
  [50, 4458],
  [75, 3454],
  [100, 2705],
  [150, 1936],
  [200, 1491],
  [350, 824],
  [500, 610],
  [700, 444],
  [1000, 295],
  [1500, 183],
  [2000, 133],
  [3000, 85],
  [4000, 61],
  [5000, 47],
  [6000, 37],
  [7086, 30],
  [16902, 1]
]

const entries = 54_268

/** Votes to expect of an entry at this place, from 0 (the most popular) to 1. None for more than two thirds. */
export const expectedVotes = (at: number): number => {
  const rank = 1 + at * entries
  for (let step = 1; step < ladder.length; step++) {
    const [to, votesThere] = ladder[step] ?? [0, 0]
    if (rank > to) continue
    const [from, votesHere] = ladder[step - 1] ?? [1, 0]
    const share = Math.log(rank / from) / Math.log(to / from)
    return Math.exp(Math.log(votesHere) + share * Math.log(votesThere / votesHere))
  }
  return 0
}

/** How many of a hundred votes are given in each year, from 2008; the rest of 2026 like 2025. */
export const voteYears: ReadonlyArray<number> = [
  0.2,
  0.9,
  1.5,
  2.3,
  3.4,
  3.9,
  4.1,
  4.6,
  4.9,
  5.3,
  5.8,
  5.5,
  8.2,
  10,
  10.3,
  10.9,
  11.1,
  11,
  8
]

/** How long readers took. */
import { iso } from "./dates.ts"
import { releaseFacts, someUsers, userFacts, vnFacts } from "./facts.ts"
import { falling } from "./random.ts"
import type { Row } from "./row.ts"
import { type LengthFigures, lengthFigures } from "./statistics.ts"
import { remark } from "./text.ts"
import { playable } from "./vnTables.ts"
import type { World } from "./world.ts"

export interface LengthVote {
  readonly user: number | null
  readonly day: number
  /** In minutes. */
  readonly length: number
  /** 0 slow, 1 normal, 2 fast; null is not counted. */
  readonly speed: number | null
  readonly releases: ReadonlyArray<number>
  readonly notes: string
  readonly languages: ReadonlyArray<string> | null
}

const amount = falling(0.85, 0.004)

/**
 * What counts is even, so that no median falls between two minutes and rounding does not matter. Votes of users that are
 * gone have no speed.
 */
const lengthVotes = (world: World, vn: number): ReadonlyArray<LengthVote> => {
  const draw = world.seed("vn_length_votes")(vn)
  const count = Math.min(world.size.users >> 1, draw.about(1.57 * amount(world.place(vn))))
  if (count === 0) return []
  const typical = Math.exp(4.6 + draw.normal() * 1.1)
  const releases = playable(world, vn)
  return someUsers(world, draw, count, 1.6).map((user) => {
    const gone = draw.chance(0.02)
    const speed = gone || draw.chance(0.1) ? null : draw.pick([0, 1, 1, 1, 2])
    const minutes = Math.min(25_000, Math.max(10, typical * Math.exp(draw.normal() * 0.3)))
    const step = speed === 1 ? 2 : 8
    const day = world.baseDay - draw.between(1, 1_800)
    const release = draw.pick(releases)
    return {
      user: gone ? null : user,
      day,
      length: Math.max(step, Math.round(minutes / step) * step),
      speed,
      releases: [release],
      notes: draw.chance(0.1) ? remark(draw) : "",
      languages: day < languagesSince ? null : [releaseFacts(world, release).olang]
    }
  })
}

/** 2025-06-05: votes before have no languages. */
const languagesSince = 20_244

export const lengthOf = (world: World, vn: number): LengthFigures =>
  lengthFigures(lengthVotes(world, vn), vnFacts(world, vn).devstatus === 1, (user) => userFacts(world, user).mayTime)

export function* lengthVoteRows(world: World): Generator<Row> {
  for (let vn = 1; vn <= world.size.vn; vn++) {
    for (const vote of lengthVotes(world, vn)) {
      yield [
        `v${vn}`,
        vote.user === null ? null : `u${vote.user}`,
        iso(vote.day),
        vote.length,
        vote.speed,
        vote.releases.map((release) => `r${release}`),
        vote.notes,
        vote.languages
      ]
    }
  }
}

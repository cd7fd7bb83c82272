/** Users of the torture pack and what they voted. */
import { ids } from "../../Torture.ts"
import { iso } from "../generator/dates.ts"
import { imageFigures, type ImageVote } from "../generator/imageTables.ts"
import type { LengthVote } from "../generator/lengthVotes.ts"
import { lengthFigures, type Tally } from "../generator/statistics.ts"
import { type Cells, novel, number, type Part } from "./part.ts"

const may = { perm_imgvote: true, perm_tag: true, perm_lengthvote: true }
const [first = "", second = "", third = "", fourth = ""] = ids.voters

const users: ReadonlyArray<Cells> = [
  ...ids.voters.map((id, at) => ({ id, ...may, username: `torture${at + 1}` })),
  { id: ids.ignoredVoter, ...may, ign_votes: true, username: "tortureignored" },
  { id: ids.userWithoutTagging, ...may, perm_tag: false, username: "torturenotags" },
  { id: ids.userWithoutTiming, ...may, perm_lengthvote: false, username: "tortureuntimed" },
  { id: ids.namelessUser, ...may, username: null }
]

const polls = Object.entries(ids.vnWithVotes).map(([count, vn]) => ({ count: Number(count), vn }))
const voteOf = (voter: number) => 55 + (voter * 7) % 40

/** Votes that count, by number of the visual novel. */
export const tallies: ReadonlyMap<number, Tally> = new Map(polls.map(({ count, vn }) => [number(vn), {
  count,
  sum: Array.from({ length: count }, (_, at) => voteOf(at)).reduce((sum, one) => sum + one, 0)
}]))

const list = (uid: string, vote: (count: number) => number | undefined): ReadonlyArray<Cells> =>
  polls.flatMap(({ count, vn }) => {
    const given = vote(count)
    return given === undefined ? [] : [{ uid, vid: vn, vote: given, vote_date: "2025-01-01", labels: [2, 7] }]
  })

const timings: ReadonlyArray<LengthVote> = [
  { user: first, length: 600, speed: 1 },
  { user: second, length: 480, speed: 0 },
  { user: third, length: 720, speed: 2 },
  { user: fourth, length: 9_000, speed: null },
  { user: ids.userWithoutTiming, length: 6_000, speed: 1 },
  { user: null, length: 300, speed: null },
  { user: null, length: 300, speed: null }
].map(({ user, length, speed }, at) => ({
  user: user === null ? null : number(user),
  day: at < 4 ? 20_300 : 20_000,
  length,
  speed,
  releases: at === 0 ? [9_000_003, 9_000_004] : [],
  notes: at === 3 ? "Not counted" : "",
  languages: at < 2 ? ["en", "ja"] : null
}))

const timed = (id: string, title: string, devstatus: number): ReadonlyArray<Part> => {
  const { median, count } = lengthFigures(timings, devstatus === 1, (user) => user !== number(ids.userWithoutTiming))
  return [
    ...novel(id, [["en", title]], { devstatus, c_length: median, c_lengthnum: count }),
    [
      "vn_length_votes",
      timings.map((vote) => ({
        vid: id,
        uid: vote.user === null ? null : `u${vote.user}`,
        date: iso(vote.day),
        length: vote.length,
        speed: vote.speed,
        rid: vote.releases.map((release) => `r${release}`),
        notes: vote.notes,
        lang: vote.languages
      }))
    ]
  ]
}

/** Votes on one tag: of whom, what, and what else. */
const tagged = (
  tag: string,
  votes: ReadonlyArray<readonly [uid: string | null, vote: number, more?: Cells]>
): Part => [
  "tags_vn",
  votes.map(([uid, vote, more]) => ({ tag, vid: ids.taggedVn, uid, vote, ...more }))
]

const image = (id: string, votes: ReadonlyArray<ImageVote>): ReadonlyArray<Part> => {
  const { count, values: [sexual, sexualSpread, violence, violenceSpread], weight } = imageFigures(votes, () => false)
  return [
    ["images", [{
      id,
      width: 256,
      height: 300,
      c_votecount: count,
      c_sexual_avg: sexual,
      c_sexual_stddev: sexualSpread,
      c_violence_avg: violence,
      c_violence_stddev: violenceSpread,
      c_weight: weight
    }]],
    [
      "image_votes",
      votes.map((vote) => ({
        id,
        uid: vote.user === null ? null : `u${vote.user}`,
        date: iso(vote.day),
        sexual: vote.sexual,
        violence: vote.violence,
        ignore: vote.ignored
      }))
    ]
  ]
}

const rated = { day: 20_000, violence: 0, ignored: false }

export const votes: ReadonlyArray<Part> = [
  ["users", users],
  ...polls.flatMap(({ count, vn }) => novel(vn, [["en", `Votes: ${count}`]])),
  ["ulist_vns", [
    ...ids.voters.flatMap((uid, at) => list(uid, (count) => at < count ? voteOf(at) : undefined)),
    ...list(ids.ignoredVoter, () => 100)
  ]],
  ["ulist_labels", [{ uid: first, id: 2, label: "Finished" }, { uid: first, id: 10, label: "A \\ label" }]],
  ...timed(ids.timedVn, "Timed", 0),
  ...timed(ids.timedInDevelopmentVn, "Timed Too Early", 1),
  ...novel(ids.taggedVn, [["en", "Tagged"]]),
  tagged(ids.diamondTags[3], [[first, 3]]),
  tagged(ids.chainTags[6] ?? "", [[first, 2, { spoiler: 1 }], [second, 3, { spoiler: 2 }]]),
  tagged(ids.namelessVotesTag, [[null, 1], [null, 2], [null, 2], [null, 3], [null, -1]]),
  tagged(ids.negativeTag, [[first, -1], [second, -3]]),
  tagged(ids.tieTag, [[first, 2], [second, -2]]),
  tagged(ids.lieSplitTag, [
    [first, 1, { lie: true }],
    [second, 1, { lie: true }],
    [third, 1, { lie: false }],
    [fourth, 1, { lie: false }]
  ]),
  tagged(ids.ignoredVotesTag, [[first, 1], [second, -3, { ignore: true }], [ids.userWithoutTagging, -3]]),
  ...image("ch9000001", []),
  ...image("sf9000001", []),
  ...image(ids.unvotedImage, []),
  ...image(ids.bundleImage, []),
  ...image(ids.votedImage, [
    { ...rated, user: number(first), sexual: 2 },
    { ...rated, user: number(second), sexual: 0, ignored: true },
    { ...rated, user: null, sexual: 1 },
    { ...rated, user: null, sexual: 1 }
  ])
]

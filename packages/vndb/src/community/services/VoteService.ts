/** Decides about votes on tags, images, lengths and covers. Figures follow from them by event. */
import { Processor } from "@kanau/core"
import { Effect } from "effect"
import { missingReference } from "../../wiki/entities/References.ts"
import { EntryNotFound, InconsistentEntry } from "../../wiki/operations/faults.ts"
import * as Votes from "../entities/Votes.ts"
import { ImageVoted, UserChanged, VnMeasured, VnTagged } from "../events.ts"
import * as Do from "../operations.ts"
import { acting, inOne, mustExist, told } from "./acting.ts"

/** Whoever has voted on more images is listened to before others; see `wiki/entities/derived/others`. */
const seasoned = 30

const tags = Effect.fnUntraced(function*({ id: vid, votes }: Do.VoteTags) {
  yield* mustExist(vid)
  const given = votes.filter(({ vote }) => vote !== 0).map(({ tag }) => tag)
  const [refused] = yield* Votes.inapplicableTags({ tags: given })
  if (refused !== undefined) return yield* new InconsistentEntry({ rule: `votes: ${refused} is no tag to vote for` })
  const { day, uid } = yield* acting
  const rows = votes.map(({ lie = null, notes = "", spoiler = null, tag, vote }) => ({
    tag,
    vote,
    spoiler,
    lie,
    notes
  }))
  yield* Votes.putTagVotes({ uid, vid, votes: rows, day })
  return yield* told(new VnTagged({ id: vid }))
}, inOne)

const image = Effect.fnUntraced(function*({ id, sexual, violence }: Do.VoteImage) {
  if ((yield* missingReference({ ids: [id], keys: [] })) !== undefined) return yield* new EntryNotFound({ id })
  const { day, uid } = yield* acting
  const held = yield* Votes.imagesVotedOn({ uid })
  yield* Votes.putImageVote({ uid, id, sexual, violence, day })
  // With this vote the earlier ones count for more.
  const heavier = held.length === seasoned && !held.includes(id) ? held : []
  return yield* told(...[...heavier, id].map((image) => new ImageVoted({ id: image, user: uid })))
}, inOne)

const length = Effect.fnUntraced(
  function*({ id: vid, lang = null, length, notes = "", releases, speed }: Do.VoteLength) {
    yield* mustExist(vid)
    const [refused] = yield* Votes.notReleases({ vid, releases })
    if (refused !== undefined) {
      return yield* new InconsistentEntry({ rule: `releases: ${refused} is no release of ${vid}` })
    }
    const { day, uid } = yield* acting
    yield* Votes.putLengthVote({ uid, vid, length, speed, releases, lang, notes, day })
    return yield* told(new UserChanged({ id: uid }), new VnMeasured({ id: vid }))
  },
  inOne
)

const removeLengths = Effect.fnUntraced(function*({ id: vid }: Do.RemoveLengthVotes) {
  const { uid } = yield* acting
  if (!(yield* Votes.removeLengthVotes({ uid, vid }))) return yield* told()
  return yield* told(new UserChanged({ id: uid }), new VnMeasured({ id: vid }))
}, inOne)

const cover = Effect.fnUntraced(function*({ id: vid, images }: Do.VoteCover) {
  yield* mustExist(vid)
  const [refused] = yield* Votes.notCovers({ vid, images })
  if (refused !== undefined) {
    return yield* new InconsistentEntry({ rule: `images: ${refused} is no front of a release` })
  }
  const { uid } = yield* acting
  yield* Votes.putCoverVotes({ uid, vid, images: [...new Set(images)] })
  return yield* told(new VnMeasured({ id: vid }))
}, inOne)

export const handlers = [
  Processor.on(Do.VoteTags, tags),
  Processor.on(Do.VoteImage, image),
  Processor.on(Do.VoteLength, length),
  Processor.on(Do.RemoveLengthVotes, removeLengths),
  Processor.on(Do.VoteCover, cover)
] as const

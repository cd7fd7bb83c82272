/** What people can do beside editing: keep lists, give votes. All of it is about their own. */
import { Layers, Operation } from "@kanau/core"
import { Schema } from "effect"
import { Attributes } from "../accounts/Attributes.ts"
import { InconsistentEntry } from "../wiki/operations/faults.ts"
import { EntryNotFound } from "../wiki/operations/faults.ts"
import * as Words from "../wiki/vocabulary.ts"

/** `position` is the causal token that reads may send as `Kanau-After`. */
export const Done = Schema.Struct({ position: Schema.String }).annotate({ identifier: "Done" })

const optional = Schema.optionalKey
const Day = Schema.String.check(
  Schema.isPattern(/^(?!0000)\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/),
  Schema.makeFilter((day: string) =>
    new Date(`${day}T00:00:00Z`).toISOString().startsWith(day) || "there is no such day"
  )
)
/** Below ten they are VNDB's: 1 playing, 2 finished, 3 stalled, 4 dropped, 5 wishlist, 6 blacklist; 7 follows from the vote. */
const LabelId = Words.range(1, 32_767)
const settableLabels = Schema.Array(LabelId).check(
  Schema.isMaxLength(255),
  Schema.makeFilter((ids: ReadonlyArray<number>) => !ids.includes(7) || "label 7 follows from the vote")
)

/** What a token is known by: a digest of it. */
const TokenId = Schema.String.check(Schema.isPattern(/^[0-9a-f]{64}$/)).annotate({ identifier: "TokenId" })

const refusals = [Layers.PermissionDenied, EntryNotFound] as const

export class SetListEntry extends Operation.define<SetListEntry>()("SetListEntry", {
  summary: "Put a visual novel on your list, or change what your list says of it; what is left out stays as it is",
  input: {
    id: Words.VnId,
    /** 10 to 100; null takes it back. */
    vote: optional(Schema.NullOr(Words.range(10, 100))),
    notes: optional(Words.text(2000)),
    started: optional(Schema.NullOr(Day)),
    finished: optional(Schema.NullOr(Day)),
    /** Exactly these labels. */
    labels: optional(settableLabels),
    labels_set: optional(settableLabels),
    labels_unset: optional(settableLabels)
  },
  output: Done,
  errors: [...refusals, InconsistentEntry]
}) {}

export class RemoveListEntry extends Operation.define<RemoveListEntry>()("RemoveListEntry", {
  summary: "Take a visual novel off your list, with your vote",
  input: { id: Words.VnId },
  output: Done,
  errors: refusals
}) {}

export class SetReleaseStatus extends Operation.define<SetReleaseStatus>()("SetReleaseStatus", {
  summary: "Put a release on your list",
  input: {
    id: Words.ReleaseId,
    /** 0 unknown, 1 pending, 2 obtained, 3 on loan, 4 deleted. */
    status: Words.range(0, 4)
  },
  output: Done,
  errors: refusals
}) {}

export class RemoveReleaseStatus extends Operation.define<RemoveReleaseStatus>()("RemoveReleaseStatus", {
  summary: "Take a release off your list",
  input: { id: Words.ReleaseId },
  output: Done,
  errors: refusals
}) {}

export class PutLabel extends Operation.define<PutLabel>()("PutLabel", {
  summary: "Add or rename a label of your own, or make it private",
  input: {
    id: Words.range(10, 32_767),
    label: Words.text(50).check(Schema.isMinLength(1)),
    private: Schema.Boolean
  },
  output: Done,
  errors: [...refusals, InconsistentEntry]
}) {}

export class RemoveLabel extends Operation.define<RemoveLabel>()("RemoveLabel", {
  summary: "Remove a label of your own, from your list too",
  input: { id: Words.range(10, 32_767) },
  output: Done,
  errors: refusals
}) {}

const TagVote = Schema.Struct({
  tag: Words.TagId,
  /** -3 to 3; 0 takes it back. */
  vote: Words.range(-3, 3),
  spoiler: optional(Schema.NullOr(Words.Spoiler)),
  lie: optional(Schema.NullOr(Schema.Boolean)),
  notes: optional(Words.text(1000))
}).annotate({ identifier: "TagVote" })

export class VoteTags extends Operation.define<VoteTags>()("VoteTags", {
  summary: "Vote on tags of a visual novel",
  input: { id: Words.VnId, votes: Words.rows(TagVote, ["tag"], 100) },
  output: Done,
  errors: [...refusals, InconsistentEntry]
}) {}

export class VoteImage extends Operation.define<VoteImage>()("VoteImage", {
  summary: "Say how explicit an image is",
  input: {
    id: Words.ImageId,
    /** 0 safe, 1 suggestive, 2 explicit. */
    sexual: Words.range(0, 2),
    /** 0 tame, 1 violent, 2 brutal. */
    violence: Words.range(0, 2)
  },
  output: Done,
  errors: refusals
}) {}

export class VoteLength extends Operation.define<VoteLength>()("VoteLength", {
  summary: "Say how long a visual novel took you",
  input: {
    id: Words.VnId,
    /** Minutes. */
    length: Words.range(1, 26_159),
    /** 0 slow, 1 normal, 2 fast; null if it is not to be counted. */
    speed: Schema.NullOr(Words.range(0, 2)),
    /** Of the visual novel; there is one vote for each set of them. */
    releases: Schema.Array(Words.ReleaseId).check(Schema.isMinLength(1), Schema.isMaxLength(50)),
    lang: optional(Schema.NullOr(Schema.Array(Words.Language).check(Schema.isMaxLength(10)))),
    notes: optional(Words.text(1000))
  },
  output: Done,
  errors: [...refusals, InconsistentEntry]
}) {}

export class RemoveLengthVotes extends Operation.define<RemoveLengthVotes>()("RemoveLengthVotes", {
  summary: "Take your votes on the length of a visual novel back",
  input: { id: Words.VnId },
  output: Done,
  errors: refusals
}) {}

export class VoteCover extends Operation.define<VoteCover>()("VoteCover", {
  summary: "Say which images you would have as the cover of a visual novel",
  input: { id: Words.VnId, images: Schema.Array(Words.CoverId).check(Schema.isMaxLength(50)) },
  output: Done,
  errors: [...refusals, InconsistentEntry]
}) {}

export class CreateToken extends Operation.define<CreateToken>()("CreateToken", {
  summary: "Make a token with which programs ask in your name; it is shown this once",
  input: {
    /** Sees what is private on your list. */
    listread: Schema.Boolean,
    /** Changes your list. */
    listwrite: Schema.Boolean
  },
  output: Schema.Struct({ id: TokenId, token: Schema.String, position: Schema.String }).annotate({
    identifier: "NewToken"
  }),
  errors: [Layers.PermissionDenied, InconsistentEntry]
}) {}

export class RevokeToken extends Operation.define<RevokeToken>()("RevokeToken", {
  summary: "Make a token of yours useless",
  input: { id: TokenId },
  output: Done,
  errors: refusals
}) {}

export class DeleteUser extends Operation.define<DeleteUser>()("DeleteUser", {
  summary: "Delete a user; what was theirs alone goes, what others use stays without a name",
  input: { id: Words.UserId },
  output: Done,
  errors: refusals
}) {}

export class SetAttributes extends Operation.define<SetAttributes>()("SetAttributes", {
  summary: "Say what an account may do",
  input: {
    name: Words.text(100).check(Schema.isMinLength(1)),
    community: optional(Attributes.fields.community),
    wiki: optional(Attributes.fields.wiki),
    sponsorship: optional(Attributes.fields.sponsorship),
    administration: optional(Attributes.fields.administration),
    verification: optional(Attributes.fields.verification)
  },
  output: Attributes,
  errors: [Layers.PermissionDenied]
}) {}

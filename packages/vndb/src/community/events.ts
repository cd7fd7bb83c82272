/**
 * What people have done with the wiki's entries: voted, listed, left. Published by the community services through the
 * outbox; consumed by the event-handler, which derives figures from it, and by the view-manager, which keeps the lists.
 */
import { Message } from "@kanau/core"
import { Schema } from "effect"
import * as Words from "../wiki/vocabulary.ts"

const contract = <Id extends Schema.Codec<string, string>>(id: Id) => ({
  fields: { id },
  subject: (event: { readonly id: string }) => event.id
})

/** Somebody's vote on a visual novel was given, changed or taken back. */
export class VnVoted extends Message.event<VnVoted>()("vndb.vn.voted", contract(Words.VnId)) {}
/** Votes on its tags have changed. */
export class VnTagged extends Message.event<VnTagged>()("vndb.vn.tagged", contract(Words.VnId)) {}
/** Votes on its length or on its cover have changed. */
export class VnMeasured extends Message.event<VnMeasured>()("vndb.vn.measured", contract(Words.VnId)) {}

/** Votes on an image have changed; `user` gave or took back one. */
export class ImageVoted extends Message.event<ImageVoted>()("vndb.image.voted", {
  fields: { id: Words.ImageId, user: Words.UserId },
  subject: ({ id }) => id
}) {}

/** Somebody's list has changed: what it says of these visual novels and releases. */
export class ListChanged extends Message.event<ListChanged>()("vndb.list.changed", {
  fields: { user: Words.UserId, vns: Schema.Array(Words.VnId), releases: Schema.Array(Words.ReleaseId) },
  subject: ({ user }) => user
}) {}

/** Somebody has left; `by` is who deleted the account. */
export class UserDeleted extends Message.event<UserDeleted>()("vndb.user.deleted", {
  fields: { id: Words.UserId, by: Schema.String },
  subject: ({ id }) => id
}) {}

/** What is told of somebody beside their list has changed: that they are there, or their votes on lengths. */
export class UserChanged extends Message.event<UserChanged>()("vndb.user.changed", {
  fields: { id: Words.UserId },
  subject: ({ id }) => id
}) {}

const token = {
  /** `id` is a digest of the token. */
  fields: { id: Schema.String, user: Words.UserId },
  subject: ({ id }: { readonly id: string }) => id
}
export class TokenCreated extends Message.event<TokenCreated>()("vndb.token.created", token) {}
export class TokenRevoked extends Message.event<TokenRevoked>()("vndb.token.revoked", token) {}

/**
 * What happened to wiki entries. Published by the wiki services and by the import, through the outbox, routed by
 * type; consumed by the view-manager (all of them) and by the activity hook (those of visual novels).
 * The subject is the entry, so its events keep their order.
 */
import { Message } from "@kanau/core"
import { Schema } from "effect"
import { ReleaseId, VnId } from "./vocabulary.ts"

const entry = { id: VnId, revision: Schema.Int }
const release = {
  id: ReleaseId,
  revision: Schema.Int,
  /** The visual novels it belongs to, and those it belonged to before. */
  vns: Schema.Array(VnId)
}
const subject = ({ id }: { readonly id: string }) => id

export class VnCreated extends Message.event<VnCreated>()("vndb.vn.created", { fields: entry, subject }) {}
export class VnEdited extends Message.event<VnEdited>()("vndb.vn.edited", { fields: entry, subject }) {}
export class VnDeleted extends Message.event<VnDeleted>()("vndb.vn.deleted", { fields: entry, subject }) {}
export class ReleaseCreated
  extends Message.event<ReleaseCreated>()("vndb.release.created", { fields: release, subject })
{}
export class ReleaseEdited
  extends Message.event<ReleaseEdited>()("vndb.release.edited", { fields: release, subject })
{}

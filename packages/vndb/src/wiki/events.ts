/**
 * What happened to wiki entries. Published by the wiki services and by the import, through the outbox, routed by type;
 * consumed by the view-manager, the search indexer and the event-handler. The subject is the entry, so its events keep
 * their order. Every transition is one event: an entry is created, edited (also: reverted, hidden, shown, locked, unlocked),
 * deleted and restored.
 */
import { Message } from "@kanau/core"
import { Schema } from "effect"
import type { KindName } from "./kinds.ts"
import * as Words from "./vocabulary.ts"

const contract = <Id extends Schema.Codec<string, string>>(id: Id) => ({
  fields: {
    id,
    revision: Schema.Int,
    /** Other entries that this one refers to, or referred to before. */
    touched: Schema.Array(Words.EntryId)
  },
  subject: (event: { readonly id: string }) => event.id
})

const vn = {
  ...contract(Words.VnId),
  version: 2,
  upcast: [Message.from(1, { id: Words.VnId, revision: Schema.Int }, (old) => ({ ...old, touched: [] }))]
} as const
export class VnCreated extends Message.event<VnCreated>()("vndb.vn.created", vn) {}
export class VnEdited extends Message.event<VnEdited>()("vndb.vn.edited", vn) {}
export class VnDeleted extends Message.event<VnDeleted>()("vndb.vn.deleted", vn) {}
export class VnRestored extends Message.event<VnRestored>()("vndb.vn.restored", vn) {}

const release = {
  ...contract(Words.ReleaseId),
  version: 2,
  upcast: [
    Message.from(
      1,
      { id: Words.ReleaseId, revision: Schema.Int, vns: Schema.Array(Words.VnId) },
      ({ vns, ...old }) => ({ ...old, touched: vns })
    )
  ]
} as const
export class ReleaseCreated extends Message.event<ReleaseCreated>()("vndb.release.created", release) {}
export class ReleaseEdited extends Message.event<ReleaseEdited>()("vndb.release.edited", release) {}
export class ReleaseDeleted extends Message.event<ReleaseDeleted>()("vndb.release.deleted", release) {}
export class ReleaseRestored extends Message.event<ReleaseRestored>()("vndb.release.restored", release) {}

const producer = contract(Words.ProducerId)
export class ProducerCreated extends Message.event<ProducerCreated>()("vndb.producer.created", producer) {}
export class ProducerEdited extends Message.event<ProducerEdited>()("vndb.producer.edited", producer) {}
export class ProducerDeleted extends Message.event<ProducerDeleted>()("vndb.producer.deleted", producer) {}
export class ProducerRestored extends Message.event<ProducerRestored>()("vndb.producer.restored", producer) {}

const character = contract(Words.CharacterId)
export class CharacterCreated extends Message.event<CharacterCreated>()("vndb.character.created", character) {}
export class CharacterEdited extends Message.event<CharacterEdited>()("vndb.character.edited", character) {}
export class CharacterDeleted extends Message.event<CharacterDeleted>()("vndb.character.deleted", character) {}
export class CharacterRestored extends Message.event<CharacterRestored>()("vndb.character.restored", character) {}

const staff = contract(Words.StaffId)
export class StaffCreated extends Message.event<StaffCreated>()("vndb.staff.created", staff) {}
export class StaffEdited extends Message.event<StaffEdited>()("vndb.staff.edited", staff) {}
export class StaffDeleted extends Message.event<StaffDeleted>()("vndb.staff.deleted", staff) {}
export class StaffRestored extends Message.event<StaffRestored>()("vndb.staff.restored", staff) {}

const tag = contract(Words.TagId)
export class TagCreated extends Message.event<TagCreated>()("vndb.tag.created", tag) {}
export class TagEdited extends Message.event<TagEdited>()("vndb.tag.edited", tag) {}
export class TagDeleted extends Message.event<TagDeleted>()("vndb.tag.deleted", tag) {}
export class TagRestored extends Message.event<TagRestored>()("vndb.tag.restored", tag) {}

const trait = contract(Words.TraitId)
export class TraitCreated extends Message.event<TraitCreated>()("vndb.trait.created", trait) {}
export class TraitEdited extends Message.event<TraitEdited>()("vndb.trait.edited", trait) {}
export class TraitDeleted extends Message.event<TraitDeleted>()("vndb.trait.deleted", trait) {}
export class TraitRestored extends Message.event<TraitRestored>()("vndb.trait.restored", trait) {}

const quote = contract(Words.QuoteId)
export class QuoteCreated extends Message.event<QuoteCreated>()("vndb.quote.created", quote) {}
export class QuoteEdited extends Message.event<QuoteEdited>()("vndb.quote.edited", quote) {}
export class QuoteDeleted extends Message.event<QuoteDeleted>()("vndb.quote.deleted", quote) {}
export class QuoteRestored extends Message.event<QuoteRestored>()("vndb.quote.restored", quote) {}

const doc = contract(Words.DocId)
export class DocCreated extends Message.event<DocCreated>()("vndb.doc.created", doc) {}
export class DocEdited extends Message.event<DocEdited>()("vndb.doc.edited", doc) {}
export class DocDeleted extends Message.event<DocDeleted>()("vndb.doc.deleted", doc) {}
export class DocRestored extends Message.event<DocRestored>()("vndb.doc.restored", doc) {}

/** The events of each kind of entry. */
export const events = {
  vn: { created: VnCreated, edited: VnEdited, deleted: VnDeleted, restored: VnRestored },
  release: { created: ReleaseCreated, edited: ReleaseEdited, deleted: ReleaseDeleted, restored: ReleaseRestored },
  producer: { created: ProducerCreated, edited: ProducerEdited, deleted: ProducerDeleted, restored: ProducerRestored },
  character: {
    created: CharacterCreated,
    edited: CharacterEdited,
    deleted: CharacterDeleted,
    restored: CharacterRestored
  },
  staff: { created: StaffCreated, edited: StaffEdited, deleted: StaffDeleted, restored: StaffRestored },
  tag: { created: TagCreated, edited: TagEdited, deleted: TagDeleted, restored: TagRestored },
  trait: { created: TraitCreated, edited: TraitEdited, deleted: TraitDeleted, restored: TraitRestored },
  quote: { created: QuoteCreated, edited: QuoteEdited, deleted: QuoteDeleted, restored: QuoteRestored },
  doc: { created: DocCreated, edited: DocEdited, deleted: DocDeleted, restored: DocRestored }
} as const satisfies Record<KindName, Record<Transition, unknown>>

/** What can happen to an entry. */
export type Transition = "created" | "edited" | "deleted" | "restored"

/** All that happens to entries of a kind. */
export const allOf = (kind: KindName): ReadonlyArray<(typeof events)[KindName][Transition]> => {
  const { created, deleted, edited, restored } = events[kind]
  return [created, edited, deleted, restored]
}

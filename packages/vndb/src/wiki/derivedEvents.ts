/**
 * What was derived anew from events or votes, and came out different. Published by the event-handler and the import, consumed by
 * the view-manager and the search indexer. The subject is what it is about.
 */
import { Message } from "@kanau/core"
import type { Schema } from "effect"
import * as Words from "./vocabulary.ts"

const contract = <Id extends Schema.Codec<string, string>>(id: Id) => ({
  fields: { id },
  subject: (event: { readonly id: string }) => event.id
})

/** Dates, languages, platforms, developers, cover, votes, rating or length. */
export class VnFiguresDerived
  extends Message.event<VnFiguresDerived>()("vndb.vn.figures-derived", contract(Words.VnId))
{}
/** Its tags, as voted or as inherited. */
export class VnTagsDerived extends Message.event<VnTagsDerived>()("vndb.vn.tags-derived", contract(Words.VnId)) {}
/** The language its name is shown in, or its inherited traits. */
export class CharacterDerived
  extends Message.event<CharacterDerived>()("vndb.character.derived", contract(Words.CharacterId))
{}
/** How many visual novels have it. */
export class TagDerived extends Message.event<TagDerived>()("vndb.tag.derived", contract(Words.TagId)) {}
/** How many characters have it. */
export class TraitDerived extends Message.event<TraitDerived>()("vndb.trait.derived", contract(Words.TraitId)) {}
/** Its flags. */
export class ImageDerived extends Message.event<ImageDerived>()("vndb.image.derived", contract(Words.ImageId)) {}

/** Adding, changing and reading entries: one operation of each for every kind, because each has a shape of its own. */
import { Layers, Operation } from "@kanau/core"
import { Schema, Struct } from "effect"
import * as people from "../contents/people.ts"
import * as release from "../contents/release.ts"
import * as vn from "../contents/vn.ts"
import * as words from "../contents/words.ts"
import * as Words from "../vocabulary.ts"
import { Saved } from "./answers.ts"
import { EntryLocked, EntryNotFound, InconsistentEntry, RevisionConflict } from "./faults.ts"

/** The same fields, each of which may be left out. */
const optional = Struct.map(Schema.optionalKey)

/** Said of an edit: why, for the history. */
export const summary = { summary: Schema.optionalKey(Words.text(500)) }

const creating = <Essentials extends Schema.Struct.Fields, Details extends Schema.Struct.Fields>(
  what: string,
  essentials: Essentials,
  details: Details
) => ({
  summary: `Add ${what}`,
  input: { ...essentials, ...optional(details), ...summary },
  output: Saved,
  errors: [InconsistentEntry, Layers.PermissionDenied] as const
})

const editing = <Id extends Schema.Codec<string, string>, Fields extends Schema.Struct.Fields>(
  what: string,
  id: Id,
  fields: Fields
) => ({
  summary: `Change ${what}; what is left out stays as it is`,
  input: {
    id,
    /** Refuse the edit unless the entry is at this revision. */
    revision: Schema.optionalKey(Schema.Int),
    ...optional(fields),
    ...summary
  },
  output: Saved,
  errors: [EntryNotFound, RevisionConflict, EntryLocked, InconsistentEntry, Layers.PermissionDenied] as const
})

const finding = <Id extends Schema.Codec<string, string>, Fields extends Schema.Struct.Fields>(
  name: string,
  what: string,
  id: Id,
  fields: Fields
) => ({
  summary: `The ${what} as it stands in the database, for editing`,
  input: { id },
  output: Schema.Struct({
    id,
    revision: Schema.Int,
    hidden: Schema.Boolean,
    locked: Schema.Boolean,
    ...fields
  }).annotate({ identifier: name }),
  errors: [EntryNotFound] as const
})

export class CreateVn extends Operation.define<CreateVn>()(
  "CreateVn",
  { version: 2, ...creating("a visual novel", vn.essentials, vn.details) }
) {}
export class EditVn extends Operation.define<EditVn>()(
  "EditVn",
  { version: 2, ...editing("a visual novel", Words.VnId, { ...vn.essentials, ...vn.details }) }
) {}
export class FindVn extends Operation.define<FindVn>()(
  "FindVn",
  { version: 2, ...finding("Vn", "visual novel", Words.VnId, { ...vn.essentials, ...vn.details }) }
) {}

export class CreateRelease extends Operation.define<CreateRelease>()(
  "CreateRelease",
  { version: 2, ...creating("a release", release.essentials, release.details) }
) {}
export class EditRelease extends Operation.define<EditRelease>()(
  "EditRelease",
  { version: 2, ...editing("a release", Words.ReleaseId, { ...release.essentials, ...release.details }) }
) {}
export class FindRelease extends Operation.define<FindRelease>()(
  "FindRelease",
  finding("Release", "release", Words.ReleaseId, { ...release.essentials, ...release.details })
) {}

export class CreateProducer extends Operation.define<CreateProducer>()(
  "CreateProducer",
  creating("a producer", people.producer.essentials, people.producer.details)
) {}
export class EditProducer extends Operation.define<EditProducer>()(
  "EditProducer",
  editing("a producer", Words.ProducerId, { ...people.producer.essentials, ...people.producer.details })
) {}
export class FindProducer extends Operation.define<FindProducer>()(
  "FindProducer",
  finding("Producer", "producer", Words.ProducerId, { ...people.producer.essentials, ...people.producer.details })
) {}

export class CreateCharacter extends Operation.define<CreateCharacter>()(
  "CreateCharacter",
  creating("a character", people.character.essentials, people.character.details)
) {}
export class EditCharacter extends Operation.define<EditCharacter>()(
  "EditCharacter",
  editing("a character", Words.CharacterId, { ...people.character.essentials, ...people.character.details })
) {}
export class FindCharacter extends Operation.define<FindCharacter>()(
  "FindCharacter",
  finding("Character", "character", Words.CharacterId, {
    ...people.character.essentials,
    ...people.character.details
  })
) {}

export class CreateStaff extends Operation.define<CreateStaff>()(
  "CreateStaff",
  creating("a member of staff", people.staff.essentials, people.staff.details)
) {}
export class EditStaff extends Operation.define<EditStaff>()(
  "EditStaff",
  editing("a member of staff", Words.StaffId, { ...people.staff.essentials, ...people.staff.details })
) {}
export class FindStaff extends Operation.define<FindStaff>()(
  "FindStaff",
  finding("Staff", "member of staff", Words.StaffId, { ...people.staff.essentials, ...people.staff.details })
) {}

export class CreateTag
  extends Operation.define<CreateTag>()("CreateTag", creating("a tag", words.tag.essentials, words.tag.details))
{}
export class EditTag extends Operation.define<EditTag>()(
  "EditTag",
  editing("a tag", Words.TagId, { ...words.tag.essentials, ...words.tag.details })
) {}
export class FindTag extends Operation.define<FindTag>()(
  "FindTag",
  finding("Tag", "tag", Words.TagId, { ...words.tag.essentials, ...words.tag.details })
) {}

export class CreateTrait extends Operation.define<CreateTrait>()(
  "CreateTrait",
  creating("a trait", words.trait.essentials, words.trait.details)
) {}
export class EditTrait extends Operation.define<EditTrait>()(
  "EditTrait",
  editing("a trait", Words.TraitId, { ...words.trait.essentials, ...words.trait.details })
) {}
export class FindTrait extends Operation.define<FindTrait>()(
  "FindTrait",
  finding("Trait", "trait", Words.TraitId, { ...words.trait.essentials, ...words.trait.details })
) {}

export class CreateQuote extends Operation.define<CreateQuote>()(
  "CreateQuote",
  creating("a quote", words.quote.essentials, words.quote.details)
) {}
export class EditQuote extends Operation.define<EditQuote>()(
  "EditQuote",
  editing("a quote", Words.QuoteId, { ...words.quote.essentials, ...words.quote.details })
) {}
export class FindQuote extends Operation.define<FindQuote>()(
  "FindQuote",
  finding("Quote", "quote", Words.QuoteId, { ...words.quote.essentials, ...words.quote.details })
) {}

export class CreateDoc extends Operation.define<CreateDoc>()(
  "CreateDoc",
  creating("a page of documentation", words.doc.essentials, words.doc.details)
) {}
export class EditDoc extends Operation.define<EditDoc>()(
  "EditDoc",
  editing("a page of documentation", Words.DocId, { ...words.doc.essentials, ...words.doc.details })
) {}
export class FindDoc extends Operation.define<FindDoc>()(
  "FindDoc",
  finding("Doc", "page of documentation", Words.DocId, { ...words.doc.essentials, ...words.doc.details })
) {}

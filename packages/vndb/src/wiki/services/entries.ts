/** Every operation on entries and who serves it. */
import { Processor } from "@kanau/core"
import * as people from "../contents/people.ts"
import * as release from "../contents/release.ts"
import * as vn from "../contents/vn.ts"
import * as words from "../contents/words.ts"
import { kinds } from "../kinds.ts"
import * as Do from "../operations/entries.ts"
import * as Transitions from "../operations/transitions.ts"
import * as Entry from "./EntryService.ts"

export const handlers = [
  Processor.on(Do.CreateVn, Entry.create(kinds.vn, vn.defaults)),
  Processor.on(Do.EditVn, Entry.edit(kinds.vn)),
  Processor.on(Do.FindVn, Entry.find<typeof Do.FindVn>(kinds.vn)),
  Processor.on(Do.CreateRelease, Entry.create(kinds.release, release.defaults)),
  Processor.on(Do.EditRelease, Entry.edit(kinds.release)),
  Processor.on(Do.FindRelease, Entry.find<typeof Do.FindRelease>(kinds.release)),
  Processor.on(Do.CreateProducer, Entry.create(kinds.producer, people.producer.defaults)),
  Processor.on(Do.EditProducer, Entry.edit(kinds.producer)),
  Processor.on(Do.FindProducer, Entry.find<typeof Do.FindProducer>(kinds.producer)),
  Processor.on(Do.CreateCharacter, Entry.create(kinds.character, people.character.defaults)),
  Processor.on(Do.EditCharacter, Entry.edit(kinds.character)),
  Processor.on(Do.FindCharacter, Entry.find<typeof Do.FindCharacter>(kinds.character)),
  Processor.on(Do.CreateStaff, Entry.create(kinds.staff, people.staff.defaults)),
  Processor.on(Do.EditStaff, Entry.edit(kinds.staff)),
  Processor.on(Do.FindStaff, Entry.find<typeof Do.FindStaff>(kinds.staff)),
  Processor.on(Do.CreateTag, Entry.create(kinds.tag, words.tag.defaults)),
  Processor.on(Do.EditTag, Entry.edit(kinds.tag)),
  Processor.on(Do.FindTag, Entry.find<typeof Do.FindTag>(kinds.tag)),
  Processor.on(Do.CreateTrait, Entry.create(kinds.trait, words.trait.defaults)),
  Processor.on(Do.EditTrait, Entry.edit(kinds.trait)),
  Processor.on(Do.FindTrait, Entry.find<typeof Do.FindTrait>(kinds.trait)),
  Processor.on(Do.CreateQuote, Entry.create(kinds.quote, words.quote.defaults)),
  Processor.on(Do.EditQuote, Entry.edit(kinds.quote)),
  Processor.on(Do.FindQuote, Entry.find<typeof Do.FindQuote>(kinds.quote)),
  Processor.on(Do.CreateDoc, Entry.create(kinds.doc, words.doc.defaults)),
  Processor.on(Do.EditDoc, Entry.edit(kinds.doc)),
  Processor.on(Do.FindDoc, Entry.find<typeof Do.FindDoc>(kinds.doc)),
  Processor.on(Transitions.DeleteEntry, Entry.remove),
  Processor.on(Transitions.RestoreEntry, Entry.restore),
  Processor.on(Transitions.HideEntry, Entry.mark("hidden", true)),
  Processor.on(Transitions.ShowEntry, Entry.mark("hidden", false)),
  Processor.on(Transitions.LockEntry, Entry.mark("locked", true)),
  Processor.on(Transitions.UnlockEntry, Entry.mark("locked", false)),
  Processor.on(Transitions.RevertEntry, Entry.revert)
] as const

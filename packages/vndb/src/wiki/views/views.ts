/** The public pages of the wiki: what they depend on, and how they are derived. */
import { Database } from "@kanau/postgres"
import { View } from "@kanau/views"
import { Effect } from "effect"
import {
  CharacterDerived,
  ImageDerived,
  TagDerived,
  TraitDerived,
  VnFiguresDerived,
  VnTagsDerived
} from "../derivedEvents.ts"
import * as Dependents from "../entities/Dependents.ts"
import { activeAliases } from "../entities/Entries.ts"
import { findSources, sourceNames } from "../entities/Sources.ts"
import { findVnTags } from "../entities/VnTags.ts"
import { allOf } from "../events.ts"
import { SourceImported } from "../importEvents.ts"
import { kinds } from "../kinds.ts"
import { characterPage } from "../pages/character.ts"
import { docPage } from "../pages/doc.ts"
import { producerPage, quotePage, staffPage, tagPage, traitPage } from "../pages/others.ts"
import { releasePage } from "../pages/release.ts"
import { sourcePage } from "../pages/source.ts"
import { tagFields, type VnFacts, vnPage } from "../pages/vn.ts"
import { deriveWith, keysOf, pageView } from "./define.ts"
import { shapeOf } from "./shapes.ts"
import { derived, others, own, things } from "./touching.ts"

// #region view
/** The tags of a page change by votes, often and by themselves: they are a part of it. */
export const VnView = View.define({
  name: "vn",
  dependsOn: [
    own("vn", "v"),
    others("release", "v", Dependents.vnsWithScreenshotsOf),
    others("producer", "v", Dependents.vnsOfProducer),
    others("staff", "v", Dependents.vnsOfStaff),
    others("character", "v", Dependents.vnsOfCharacter),
    others("tag", "v", Dependents.vnsOfTag),
    derived(VnFiguresDerived),
    derived(ImageDerived, Dependents.vnsOfImage),
    derived(CharacterDerived, Dependents.vnsOfCharacter),
    things({ images: Dependents.vnsOfImage, wikidata: Dependents.vnsOfWikidata })
  ],
  derive: deriveWith("vn", vnPage),
  keys: keysOf(kinds.vn),
  ...shapeOf("vn"),
  parts: {
    tags: {
      dependsOn: [derived(VnTagsDerived)],
      fields: ["tags", "dtags"],
      derive: (ids) =>
        Effect.map(
          Database.faults(findVnTags<Pick<VnFacts, "inherited" | "tags">>({ ids })),
          (rows) =>
            rows.map(({ facts, id, version }) => ({
              id,
              version,
              json: facts === null ? null : JSON.stringify(facts.tags),
              fields: facts === null ? {} : tagFields(facts)
            }))
        )
    }
  }
})
// #endregion

export const ReleaseView = pageView("release", releasePage, [
  own("release", "r", Dependents.releasesSuperseding),
  others("vn", "r", Dependents.releasesOfVn),
  others("producer", "r", Dependents.releasesOfProducer),
  derived(ImageDerived, Dependents.releasesOfImage),
  things({
    images: Dependents.releasesOfImage,
    drm: Dependents.releasesOfDrm,
    engines: Dependents.releasesOfEngine
  })
])

export const ProducerView = pageView("producer", producerPage, [
  own("producer", "p", Dependents.producersRelated),
  things({ wikidata: Dependents.producersOfWikidata })
])

export const CharacterView = pageView("character", characterPage, [
  own("character", "c", Dependents.instancesOfCharacter),
  others("vn", "c", Dependents.charactersOfVn),
  others("release", "c", Dependents.charactersOfRelease),
  others("staff", "c", Dependents.charactersOfStaff),
  others("trait", "c", Dependents.charactersOfTrait),
  derived(CharacterDerived),
  derived(CharacterDerived, Dependents.instancesOfCharacter),
  derived(ImageDerived, Dependents.charactersOfImage),
  things({ images: Dependents.charactersOfImage })
])

/** One page for each alias, `s1.12`. */
export const StaffView = View.define({
  name: "staff",
  dependsOn: [
    View.on(allOf("staff"), (event) => Database.faults(Dependents.pagesOfStaff(event.id))),
    View.on(allOf("vn"), (event) =>
      Effect.map(
        Effect.forEach(
          event.touched.filter((id) => id.startsWith("s")),
          (id) => Database.faults(Dependents.pagesOfStaff(id))
        ),
        (pages) => pages.flat()
      )),
    others("vn", "-", Dependents.staffOfVn),
    things({ wikidata: Dependents.staffOfWikidata })
  ],
  derive: deriveWith("staff", staffPage),
  keys: (after, limit) => Database.faults(activeAliases({ after, limit })),
  ...shapeOf("staff")
})

export const TagView = pageView("tag", tagPage, [own("tag", "g", Dependents.childrenOfTag), derived(TagDerived)])

export const TraitView = pageView("trait", traitPage, [
  own("trait", "i", Dependents.traitsBelow),
  derived(TraitDerived)
])

export const QuoteView = pageView("quote", quotePage, [
  own("quote", "q"),
  others("vn", "q", Dependents.quotesOfVn),
  others("character", "q", Dependents.quotesOfCharacter),
  derived(CharacterDerived, Dependents.quotesOfCharacter)
])

export const DocView = pageView("doc", docPage, [own("doc", "d")])

/** Which dump the others are of. */
export const SourceView = View.define({
  name: "source",
  dependsOn: [View.on([SourceImported], ({ id }) => Effect.succeed([id]))],
  derive: (ids) =>
    Effect.map(
      Database.faults(findSources({ ids })),
      (rows) =>
        rows.map(({ facts, id, version }) => ({
          id,
          version,
          revision: 0,
          json: facts === null ? null : JSON.stringify(sourcePage(facts, id)),
          fields: {}
        }))
    ),
  keys: (after, limit) => Database.faults(sourceNames({ after, limit }))
})

export const views = [
  VnView,
  ReleaseView,
  ProducerView,
  CharacterView,
  StaffView,
  TagView,
  TraitView,
  QuoteView,
  DocView,
  SourceView
] as const

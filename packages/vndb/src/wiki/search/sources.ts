/** What keeps the search indexes of the wiki current: the events that touch a document, and its derivation. */
import { Database } from "@kanau/postgres"
import { Indexing, type SearchIndex } from "@kanau/search"
import { View } from "@kanau/views"
import { Effect } from "effect"
import { CharacterDerived, TagDerived, TraitDerived } from "../derivedEvents.ts"
import { pagesOfStaff, releasesOfVn } from "../entities/Dependents.ts"
import { activeAliases, activeIds } from "../entities/Entries.ts"
import { countNamed, deriveNames, type NamedKind } from "../entities/NameDocuments.ts"
import { countReleases, countVns, deriveReleaseTexts, deriveVnTexts } from "../entities/SearchDocuments.ts"
import { allOf } from "../events.ts"
import { kinds } from "../kinds.ts"
import { derived } from "../views/touching.ts"
import { characterIndex, producerIndex, releaseIndex, staffIndex, tagIndex, traitIndex, vnIndex } from "./indexes.ts"

// #region source
/** A visual novel and the titles of its releases. */
export const VnSearch = Indexing.source({
  index: vnIndex,
  dependsOn: [
    View.on(allOf("vn"), (event) => Effect.succeed([event.id])),
    View.on(allOf("release"), (event) => Effect.succeed(event.touched.filter((id) => id.startsWith("v"))))
  ],
  derive: (ids) => Database.faults(deriveVnTexts({ ids })),
  keys: (after, limit) => Database.faults(activeIds({ kind: kinds.vn, after, limit })),
  total: Database.faults(countVns)
})
// #endregion

/** A release and the titles of its visual novels. */
export const ReleaseSearch = Indexing.source({
  index: releaseIndex,
  dependsOn: [
    View.on(allOf("release"), (event) => Effect.succeed([event.id])),
    View.on(allOf("vn"), (event) => Database.faults(releasesOfVn(event.id)))
  ],
  derive: (ids) => Database.faults(deriveReleaseTexts({ ids })),
  keys: (after, limit) => Database.faults(activeIds({ kind: kinds.release, after, limit })),
  total: Database.faults(countReleases)
})

/** Entries with names: their own events, and those that change how they are shown or weighed. */
const named = <R = never>(
  kind: NamedKind,
  index: SearchIndex.Definition,
  ...dependsOn: ReadonlyArray<View.Dependency<R>>
) =>
  Indexing.source({
    index,
    dependsOn: [View.on(allOf(kind), (event) => Effect.succeed([event.id])), ...dependsOn],
    derive: (ids) => Database.faults(deriveNames({ kind, ids })),
    keys: (after, limit) => Database.faults(activeIds({ kind: kinds[kind], after, limit })),
    total: Database.faults(countNamed({ kind }))
  })

export const CharacterSearch = named("character", characterIndex, derived(CharacterDerived))
export const ProducerSearch = named("producer", producerIndex)
export const TagSearch = named("tag", tagIndex, derived(TagDerived))
export const TraitSearch = named("trait", traitIndex, derived(TraitDerived))

export const StaffSearch = Indexing.source({
  index: staffIndex,
  dependsOn: [View.on(allOf("staff"), (event) => Database.faults(pagesOfStaff(event.id)))],
  derive: (ids) => Database.faults(deriveNames({ kind: "staff", ids })),
  keys: (after, limit) => Database.faults(activeAliases({ after, limit })),
  total: Database.faults(countNamed({ kind: "staff" }))
})

/** Every search index of the wiki. */
export const sources = [
  VnSearch,
  ReleaseSearch,
  CharacterSearch,
  ProducerSearch,
  StaffSearch,
  TagSearch,
  TraitSearch
] as const

/** Keeps the search indexes current. */
export const indexing = Indexing.consumer("search-indexer", sources)

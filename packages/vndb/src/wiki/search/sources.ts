/** What keeps the search indexes of the wiki current: the events that touch a document, and its derivation. */
import { Database } from "@kanau/postgres"
import { Indexing } from "@kanau/search"
import { View } from "@kanau/views"
import { Effect } from "effect"
import { releasesOfVn } from "../entities/Dependents.ts"
import { activeIds } from "../entities/Entries.ts"
import { countReleases, countVns, deriveReleaseTexts, deriveVnTexts } from "../entities/SearchDocuments.ts"
import { allOf } from "../events.ts"
import { kinds } from "../kinds.ts"
import { releaseIndex, vnIndex } from "./indexes.ts"

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

/** Every search index of the wiki. */
export const sources = [VnSearch, ReleaseSearch] as const

/** Keeps the search indexes current. */
export const indexing = Indexing.consumer("search-indexer", sources)

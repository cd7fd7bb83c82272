/** The public page of a release: its titles, and the titles of its visual novels embedded. */
import { Database } from "@kanau/postgres"
import { View } from "@kanau/views"
import { Effect } from "effect"
import { deriveReleases } from "../entities/Derivations.ts"
import { activeIds } from "../entities/Entries.ts"
import { releasesOfVn } from "../entities/Releases.ts"
import { allOf } from "../events.ts"
import { kinds } from "../kinds.ts"
import { releaseShape } from "../shapes.ts"

export const ReleaseView = View.define({
  name: "release",
  dependsOn: [
    View.on(allOf("release"), (event) => Effect.succeed([event.id])),
    View.on(allOf("vn"), (event) => Database.faults(releasesOfVn({ vn: event.id })))
  ],
  derive: (ids) => Database.faults(deriveReleases({ ids })),
  keys: (after, limit) => Database.faults(activeIds({ kind: kinds.release, after, limit })),
  ...releaseShape
})

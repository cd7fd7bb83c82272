/** The public page of a release: its titles, and the titles of its visual novels embedded. */
import { Database } from "@kanau/postgres"
import { View } from "@kanau/views"
import { Effect } from "effect"
import { deriveReleases } from "../entities/Derivations.ts"
import { releaseIds, releasesOfVn } from "../entities/Releases.ts"
import { ReleaseCreated, ReleaseEdited, VnDeleted, VnEdited } from "../events.ts"
import { releaseShape } from "../shapes.ts"

export const ReleaseView = View.define({
  name: "release",
  dependsOn: [
    View.on([ReleaseCreated, ReleaseEdited], (event) => Effect.succeed([event.id])),
    View.on([VnEdited, VnDeleted], (event) => Database.faults(releasesOfVn({ vn: event.id })))
  ],
  derive: (ids) => Database.faults(deriveReleases({ ids })),
  keys: (after, limit) => Database.faults(releaseIds({ after, limit })),
  ...releaseShape
})

/** The public page of a release: its titles, and the titles of its visual novels embedded. */
import { Database } from "@kanau/postgres"
import { View } from "@kanau/views"
import { Effect } from "effect"
import { deriveReleases } from "../entities/Derivations.ts"
import { releasesOfVn } from "../entities/Releases.ts"
import { ReleaseCreated, ReleaseEdited, VnDeleted, VnEdited } from "../events.ts"

export const ReleaseView = View.define({
  name: "release",
  events: [ReleaseCreated, ReleaseEdited, VnEdited, VnDeleted],
  touches: (event) =>
    event instanceof ReleaseCreated || event instanceof ReleaseEdited
      ? Effect.succeed([event.id])
      : Database.faults(releasesOfVn({ vn: event.id })),
  derive: (ids) => Database.faults(deriveReleases({ ids }))
})

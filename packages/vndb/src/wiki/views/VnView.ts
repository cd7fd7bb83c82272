/** The public page of a visual novel: its titles, and its releases embedded. */
import { Database } from "@kanau/postgres"
import { View } from "@kanau/views"
import { Effect } from "effect"
import { deriveReleasesOfVns, deriveVns } from "../entities/Derivations.ts"
import { vnIds } from "../entities/Vns.ts"
import { ReleaseCreated, ReleaseEdited, VnCreated, VnDeleted, VnEdited } from "../events.ts"
import { vnShape } from "../shapes.ts"

// #region view
export const VnView = View.define({
  name: "vn",
  dependsOn: [View.on([VnCreated, VnEdited, VnDeleted], (event) => Effect.succeed([event.id]))],
  derive: (ids) => Database.faults(deriveVns({ ids })),
  keys: (after, limit) => Database.faults(vnIds({ after, limit })),
  ...vnShape,
  parts: {
    releases: {
      dependsOn: [View.on([ReleaseCreated, ReleaseEdited], (event) => Effect.succeed(event.vns))],
      fields: [],
      derive: (ids) => Database.faults(deriveReleasesOfVns({ ids }))
    }
  }
})
// #endregion

/** The public page of a visual novel: its titles, and its releases embedded. */
import { Database } from "@kanau/postgres"
import { View } from "@kanau/views"
import { Effect } from "effect"
import { deriveReleasesOfVns, deriveVns } from "../entities/Derivations.ts"
import { activeIds } from "../entities/Entries.ts"
import { allOf } from "../events.ts"
import { kinds } from "../kinds.ts"
import { vnShape } from "../shapes.ts"

// #region view
export const VnView = View.define({
  name: "vn",
  dependsOn: [View.on(allOf("vn"), (event) => Effect.succeed([event.id]))],
  derive: (ids) => Database.faults(deriveVns({ ids })),
  keys: (after, limit) => Database.faults(activeIds({ kind: kinds.vn, after, limit })),
  ...vnShape,
  parts: {
    releases: {
      dependsOn: [
        View.on(allOf("release"), (event) => Effect.succeed(event.touched.filter((id) => id.startsWith("v"))))
      ],
      fields: [],
      derive: (ids) => Database.faults(deriveReleasesOfVns({ ids }))
    }
  }
})
// #endregion

/** The public page of a visual novel: its titles, and its releases embedded. */
import { Database } from "@kanau/postgres"
import { View } from "@kanau/views"
import { Effect } from "effect"
import { deriveVns } from "../entities/Derivations.ts"
import { ReleaseCreated, ReleaseEdited, VnCreated, VnDeleted, VnEdited } from "../events.ts"

export const VnView = View.define({
  name: "vn",
  events: [VnCreated, VnEdited, VnDeleted, ReleaseCreated, ReleaseEdited],
  touches: (event) =>
    Effect.succeed(
      event instanceof ReleaseCreated || event instanceof ReleaseEdited ? event.vns : [event.id]
    ),
  derive: (ids) => Database.faults(deriveVns({ ids }))
})

/** The bridge by logical replication, on a real server. */
import { Servers } from "@kanau/testing"
import { Effect, Layer, Redacted, Schedule } from "effect"
import { Database, Migrations } from "../src/index.ts"
import * as ReplicationBridge from "../src/ReplicationBridge.ts"
import { faults } from "./bridgeFaults.ts"
import { messages } from "./bridgeMessages.ts"
import type { Source } from "./bridging.ts"
import { eventually } from "./relaying.ts"

const place = await Servers.postgresDatabase()
const url = Redacted.make(place.url)

const migrated = Layer.provideMerge(
  Layer.effectDiscard(Migrations.run(Migrations.kanau)),
  Database.layer({ url, applicationName: "test", maxConnections: 20 })
)

const slot = place.name.replaceAll(/[^a-z0-9_]/g, "_").slice(-30)

const source: Source = {
  name: "replication",
  bridge: slot,
  start: (bridge) => ({
    run: ReplicationBridge.run({ name: slot, ...bridge }, { url }),
    ready: eventually(`exists (select from pg_replication_slots join kanau.bridge_slots on slot = slot_name
      where slot_name = 'kanau_${slot}' and active)`),
    remove: Effect.retry(ReplicationBridge.uninstall(slot), {
      schedule: Schedule.spaced("50 millis"),
      times: 100
    })
  })
}

messages(source, migrated)
faults(source, migrated)

/** The bridge by triggers, on a real server. */
import { Servers } from "@kanau/testing"
import { Layer, Redacted } from "effect"
import { ChangeBridge, Database, Migrations } from "../src/index.ts"
import { faults } from "./bridgeFaults.ts"
import { messages } from "./bridgeMessages.ts"
import type { Source } from "./bridging.ts"
import { embedded as inProcess } from "./embedded.ts"
import { eventually } from "./relaying.ts"

const place = await Servers.postgresDatabase()

const migrated = Layer.provideMerge(
  Layer.effectDiscard(Migrations.run(Migrations.kanau)),
  Database.layer({ url: Redacted.make(place.url), applicationName: "test", maxConnections: 20 })
)

const embedded = Layer.provideMerge(
  Layer.effectDiscard(Migrations.run(Migrations.kanau)),
  inProcess
)

const source: Source = {
  name: "triggers",
  bridge: "bridge",
  start: (bridge) => ({
    run: ChangeBridge.run(bridge),
    ready: eventually("exists (select 1 from pg_trigger where tgname = '0_kanau_bridge_truncate')"),
    remove: ChangeBridge.uninstall()
  })
}

messages(source, migrated)
messages({ ...source, name: "triggers, embedded" }, embedded)
faults(source, migrated)

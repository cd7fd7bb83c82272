import { EmbeddedBus } from "@kanau/messaging"
import { BusConformance } from "@kanau/testing"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll } from "vitest"

const folder = mkdtempSync(join(tmpdir(), "kanau-embedded-bus-"))
afterAll(() => rmSync(folder, { recursive: true }))

const noConnection = { skip: "the embedded bus has no connection that could be lost" }

BusConformance.suite("embedded bus", (room) => EmbeddedBus.layer({ file: join(folder, room, "bus.sqlite") }), {
  connection: noConnection,
  stranger: { skip: "nobody else can write to the file while the bus has it" },
  inspect: { skip: "the file is the store; that it is synced on commit is SQLite's promise" },
  restartBroker: { skip: "there is no broker; restarts of the process are covered" }
})

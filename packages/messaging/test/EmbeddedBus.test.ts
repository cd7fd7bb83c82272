import { Bus, EmbeddedBus } from "@kanau/messaging"
import { BusConformance } from "@kanau/testing"
import { Effect, Layer } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, describe, test } from "vitest"

const folder = mkdtempSync(join(tmpdir(), "kanau-embedded-bus-"))
afterAll(() => rmSync(folder, { recursive: true }))

const noConnection = { skip: "the embedded bus has no connection that could be lost" }

const called = new Set<string>()

/** Notes which methods of the port are called. */
const noting = Layer.effect(
  Bus.Bus,
  Effect.map(Bus.Bus, (bus) =>
    new Proxy(bus, {
      get: (target, name: keyof Bus.BusService) => {
        called.add(name)
        return target[name]
      }
    }))
)

BusConformance.suite(
  "embedded bus",
  (room) => Layer.provide(noting, EmbeddedBus.layer({ file: join(folder, room, "bus.sqlite") })),
  {
    connection: noConnection,
    stranger: { skip: "nobody else can write to the file while the bus has it" },
    inspect: { skip: "the file is the store; that it is synced on commit is SQLite's promise" },
    restartBroker: { skip: "there is no broker; restarts of the process are covered" }
  }
)

describe("the bus suite", () => {
  test("has a case for every method of the port (Wolverine #3993)", () =>
    Effect.gen(function*() {
      const bus = yield* Bus.Bus
      assert.deepStrictEqual([...called].sort(), Object.keys(bus).sort())
    }).pipe(Effect.provide(EmbeddedBus.layer({ file: ":memory:" })), Effect.runPromise))
})

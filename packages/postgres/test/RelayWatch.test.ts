import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Logger, Metric, References } from "effect"
import { SqlClient } from "effect/sql"
import { Outbox, Relay } from "../src/index.ts"
import { databases } from "./databases.ts"
import { append, Moved, parkedReaches, recording, reset, unroutable } from "./relaying.ts"
import { countingStatements } from "./statements.ts"

/** The values of gauges now, by name and state. */
const gauges = Effect.map(Metric.snapshot, (all) =>
  new Map(all.flatMap((metric) =>
    metric.type === "Gauge"
      ? [[`${metric.id} ${metric.attributes?.["state"] ?? ""}`.trim(), Number(metric.state.value)] as const]
      : []
  )))

/** Waits, bounded, until gauges fit. */
const gaugesFit = (fit: (values: ReadonlyMap<string, number>) => boolean) =>
  gauges.pipe(
    Effect.delay("50 millis"),
    Effect.repeat({ until: fit }),
    Effect.timeout("20 seconds")
  )

for (const database of databases) {
  describe(`Watching the outbox on ${database.name}`, () => {
    const withDatabase = Layer.provideMerge(Outbox.layer({ source: "/test" }), database.layer)

    it.live("NB-15 an idle relay asks the database at most four times a second (Eventuous #224)", () => {
      const bus = recording()
      const asked = countingStatements()
      return Effect.gen(function*() {
        yield* reset
        const relay = yield* Effect.forkChild(Effect.withTracer(Relay.run, asked.tracer))
        yield* append([["pawn", 1]])
        yield* Effect.sleep("2 seconds")
        assert.strictEqual(bus.confirmed.length, 1)
        asked.statements = 0
        yield* Effect.sleep("3 seconds")
        assert.isAtLeast(asked.statements, 3)
        assert.isAtMost(asked.statements, 3 * 4)
        yield* Fiber.interrupt(relay)
      }).pipe(Effect.provide(Layer.merge(withDatabase, bus.layer)))
    }, 60_000)

    it.live(
      "NB-14 gauges say what waits and since when; too long raises the alarm, whatever the cause (Wolverine #3954)",
      () => {
        const bus = recording()
        bus.refuse = ({ subject }) => subject === "stuck" ? unroutable : undefined
        const lines: Array<string> = []
        const logger = Logger.make(({ fiber, message }) => {
          lines.push(`${String(message)} ${JSON.stringify(fiber.getRef(References.CurrentLogAnnotations))}`)
        })
        return Effect.gen(function*() {
          yield* reset
          const relay = yield* Effect.forkChild(
            Effect.provide(Relay.make({ overdueSeconds: 1 }), Logger.layer([logger]))
          )
          yield* append([["stuck", 1], ["stuck", 2], ["free", 1]])
          yield* parkedReaches(2)
          yield* gaugesFit((values) =>
            values.get("kanau_outbox_events retrying") === 1 && values.get("kanau_outbox_events waiting") === 1 &&
            values.get("kanau_outbox_events pending") === 0 &&
            (values.get("kanau_outbox_oldest_seconds retrying") ?? 0) > 1 &&
            values.get("kanau_outbox_overdue") === 2 && values.get("kanau_relay_shards") === 16
          )
          assert.isTrue(lines.some((line) => line.startsWith("events wait too long") && line.includes("\"retrying\"")))
          yield* Fiber.interrupt(relay)
        }).pipe(Effect.provide(Layer.merge(withDatabase, bus.layer)))
      },
      60_000
    )
  })
}

describe("Watching the outbox beside open transactions", () => {
  const [server] = databases
  const withDatabase = Layer.provideMerge(Outbox.layer({ source: "/test" }), server.layer)

  it.live("NB-14 a session idle in a transaction is named, and nothing waits for it (Marten #5108)", () => {
    const bus = recording()
    const lines: Array<string> = []
    const logger = Logger.make(({ fiber, message }) => {
      lines.push(`${String(message)} ${JSON.stringify(fiber.getRef(References.CurrentLogAnnotations))}`)
    })
    return Effect.gen(function*() {
      yield* reset
      const sql = yield* SqlClient.SqlClient
      const outbox = yield* Outbox.Outbox
      const relay = yield* Effect.forkChild(
        Effect.provide(Relay.make({ overdueSeconds: 1 }), Logger.layer([logger]))
      )
      const idle = yield* Effect.forkChild(sql.withTransaction(
        Effect.andThen(outbox.append(new Moved({ piece: "held", turn: 1 })), Effect.never)
      ))
      yield* append([["free", 1]])
      yield* gaugesFit((values) => values.get("kanau_outbox_idle_sessions") === 1)
      assert.strictEqual(bus.confirmed.length, 1)
      assert.isTrue(
        lines.some((line) =>
          line.startsWith("a session is idle in a transaction") && /"session":\d+/.test(line) &&
          line.includes("\"application\":\"test\"")
        )
      )
      yield* Fiber.interrupt(idle)
      yield* Fiber.interrupt(relay)
    }).pipe(Effect.provide(Layer.merge(withDatabase, bus.layer)))
  }, 60_000)
})

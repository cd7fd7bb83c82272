/** The bridge as long as the process lives, and what operators see of it. */
import { Bus } from "@kanau/messaging"
import { ChangeBridge, Database, EventLog } from "@kanau/postgres"
import * as ReplicationBridge from "@kanau/postgres/ReplicationBridge"
import { Health } from "@kanau/runner"
import { Effect, Layer, type Redacted, Schedule } from "effect"
import { SqlClient } from "effect/sql"

/**
 * While the bridge cannot go on (a table that does not fit, a slot that is lost) the process is not ready, says why, and
 * tries again twice a minute.
 */
export const bridging = (options: {
  readonly source: "triggers" | "replication"
  readonly name: string
  readonly tables: ReadonlyArray<ChangeBridge.Table>
  readonly database: Redacted.Redacted
}) =>
  Layer.effectDiscard(Effect.gen(function*() {
    const health = yield* Health.Health
    const sql = yield* SqlClient.SqlClient
    let trouble: string | undefined
    yield* health.register("postgres", Effect.provideService(Database.check, SqlClient.SqlClient, sql))
    const broker = yield* Bus.Health
    yield* health.register("broker", broker.check)
    yield* health.register("bridge", Effect.suspend(() => trouble === undefined ? Effect.void : Effect.fail(trouble)))
    const bridge: Effect.Effect<
      never,
      ChangeBridge.Failure | ReplicationBridge.Failure,
      Effect.Services<ReturnType<typeof ChangeBridge.run>>
    > = options.source === "triggers"
      ? ChangeBridge.run(options)
      : ReplicationBridge.run(options, { url: options.database, applicationName: "event-bridge" })
    const going = Effect.suspend(() => {
      trouble = undefined
      return bridge
    })
    yield* Effect.forkScoped(going.pipe(
      Effect.tapError((fault) =>
        Effect.sync(() => {
          trouble = fault.message
        })
      ),
      Effect.retry(Schedule.spaced("30 seconds"))
    ))
    yield* Effect.forkScoped(
      Effect.repeat(
        Effect.ignore(EventLog.maintain({ keep: "90 days" }), { log: "Warn" }),
        Schedule.spaced("1 hour")
      )
    )
  }))

import { Fault } from "@kanau/core"
import { Bus } from "@kanau/messaging"
import { Database } from "@kanau/postgres"
import { Health } from "@kanau/runner"
import { Effect, Option, Schedule } from "effect"
import { SqlClient } from "effect/sql"

/** Not ready while PostgreSQL does not answer. */
export const needsPostgres = Effect.gen(function*() {
  const health = yield* Health.Health
  const sql = yield* SqlClient.SqlClient
  yield* health.register("postgres", Effect.provideService(Database.check, SqlClient.SqlClient, sql))
})

/** Not ready while the broker cannot be used; for roles whose work comes from it. A bus without a broker has no check. */
export const needsBroker = Effect.gen(function*() {
  const health = yield* Health.Health
  const broker = yield* Effect.serviceOption(Bus.Health)
  if (Option.isSome(broker)) yield* health.register("broker", broker.value.check)
})

/** Waits for servers that are not up yet, so that roles and servers may start in any order. */
export const onceAvailable = <A, E extends Fault.Fault, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  effect.pipe(
    Effect.tapError((fault) => Effect.logWarning(`Not started yet, trying again: ${fault.message}`)),
    Effect.retry({ while: ({ kind }) => Fault.isTransient(kind), schedule: Schedule.spaced("1 second") })
  )

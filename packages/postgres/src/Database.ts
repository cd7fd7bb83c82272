/**
 * PostgreSQL as processors see it: the SQL client, and the fault each database error stands for.
 *
 * A transaction is one operation: wrap it whole in {@link transaction}. Errors carry no statement parameters.
 */
import * as PgClient from "@effect/sql-pg/PgClient"
import { Fault } from "@kanau/core"
import type { Cause, Redacted } from "effect"
import { Effect, Layer, Option, Schedule } from "effect"
import { SqlClient, SqlError } from "effect/sql"

/** What remains of an error channel once database errors have become faults. */
export type Faulted<E> = Exclude<E, SqlError.SqlError> | Fault.Unavailable | Fault.Conflict | Fault.Invariant

/**
 * Turns database errors into faults: connection, time-out and authentication problems are `Unavailable`; deadlocks,
 * serialization failures and lock time-outs are `Conflict`; a violated constraint or a wrong statement is `Invariant`,
 * because whatever could be checked before was to be checked before. A connection lost in a transaction is `Unavailable`.
 */
export const faults = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, Faulted<E>, R> =>
  Effect.mapError(
    Effect.catchCause(effect, lostRollback),
    (error) => SqlError.isSqlError(error) ? toFault(error) : error as Exclude<E, SqlError.SqlError>
  )

/**
 * When a connection is lost in a transaction, the rollback fails too, and the client makes defects of that and of what
 * failed before it: nobody's bug. The rollback comes last.
 */
const lostRollback = <E>(cause: Cause.Cause<E>): Effect.Effect<never, E | SqlError.SqlError> => {
  const defects = cause.reasons.flatMap((reason) => reason._tag === "Die" ? [reason.defect] : [])
  const lost = defects.findLast(SqlError.isSqlError)
  return lost === undefined ? Effect.failCause(cause) : Effect.fail(lost)
}

/** Any database error as `Unavailable`, for stores whose callers can do nothing else about it. */
export const toUnavailable = (error: SqlError.SqlError): Fault.Unavailable =>
  new Fault.Unavailable({ dependency: "postgres", reason: describe(error) })

const toFault = (error: SqlError.SqlError): Fault.Unavailable | Fault.Conflict | Fault.Invariant => {
  switch (error.reason._tag) {
    case "DeadlockError":
    case "SerializationError":
    case "LockTimeoutError":
      return new Fault.Conflict({ reason: "Another transaction changed the same rows." })
    case "UniqueViolation":
    case "ConstraintError":
    case "SqlSyntaxError":
      return new Fault.Invariant({ reason: `PostgreSQL refused a statement: ${describe(error)}` })
    default:
      return toUnavailable(error)
  }
}

/** Which rule was broken, never with which values: PostgreSQL's message names columns and constraints, its detail rows. */
const describe = (error: SqlError.SqlError): string => {
  const cause = error.reason.cause
  const text = cause instanceof Error ? cause.message : error.reason._tag
  return `${error.reason._tag}: ${text.split("\n")[0]}`
}

/**
 * Runs an effect in one transaction (or in a savepoint of the running one). Any failure or interruption rolls back. When
 * every connection of the pool is taken for ten seconds, it gives up waiting with `Unavailable`.
 */
export const transaction = <A, E, R>(
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, Faulted<E>, R | SqlClient.SqlClient> =>
  faults(
    Effect.flatMap(SqlClient.SqlClient, (sql) =>
      Effect.flatMap(Effect.serviceOption(sql.transactionService), (running) => {
        if (Option.isSome(running)) {
          return sql.withTransaction(effect)
        }
        let began = false
        const work = sql.withTransaction(Effect.suspend(() => {
          began = true
          return effect
        }))
        const patience: Effect.Effect<never, Fault.Unavailable> = Effect.flatMap(
          Effect.sleep(`${patienceSeconds} seconds`),
          () =>
            began ? Effect.never : Effect.fail(busy)
        )
        return Effect.raceFirst(work, patience)
      }))
  )

const patienceSeconds = 10

const busy = new Fault.Unavailable({
  dependency: "postgres",
  reason: `no connection of the pool was free for ${patienceSeconds} s; look for slow transactions, or allow more`
})

/** Whether the database answers; for readiness. */
export const check: Effect.Effect<void, Fault.Unavailable, SqlClient.SqlClient> = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql`select 1`
).pipe(
  Effect.timeout("2 seconds"),
  Effect.mapError(() => new Fault.Unavailable({ dependency: "postgres", reason: "it does not answer `select 1`" })),
  Effect.asVoid
)

/**
 * A transaction that changes nothing and counts as one: whatever is derived from now on is of a later snapshot than
 * everything that was derived before, also while nobody writes.
 *
 * @example
 * ```ts
 * yield* Database.advance
 * ```
 */
export const advance: Effect.Effect<void, Faulted<SqlError.SqlError>, SqlClient.SqlClient> = Effect.asVoid(
  faults(Effect.flatMap(SqlClient.SqlClient, (sql) => sql`select pg_current_xact_id()::text`))
)

/**
 * A connection pool. `applicationName` is what operators see in `pg_stat_activity`. Building the layer waits for the
 * server, for at most half a minute, so that roles may start in any order.
 */
export const layer = (options: {
  readonly url: Redacted.Redacted
  readonly applicationName: string
  readonly maxConnections?: number
}): Layer.Layer<PgClient.PgClient | SqlClient.SqlClient, Fault.Unavailable> =>
  PgClient.layer({
    url: options.url,
    applicationName: options.applicationName,
    maxConnections: options.maxConnections ?? 10,
    connectTimeout: "5 seconds",
    // Compiling a statement of many small parts takes longer than running it.
    startupParameters: { statement_timeout: "30000", idle_in_transaction_session_timeout: "60000", jit: "off" }
  }).pipe(
    Layer.catch((error) => Layer.effectContext(Effect.fail(toUnavailable(error)))),
    (pool) =>
      Layer.provideMerge(
        Layer.effectDiscard(
          Effect.retry(check, Schedule.spaced("500 millis").pipe(Schedule.upTo({ duration: "30 seconds" })))
        ),
        pool
      )
  )

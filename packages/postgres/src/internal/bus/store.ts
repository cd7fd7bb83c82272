/**
 * The tables of the bus: what a row is, and the statements on it. A row is in hand while it has an owner; every settlement
 * names the owner and the count of takes it was handed out with, so one that comes too late meets nothing.
 */
import type * as PgClient from "@effect/sql-pg/PgClient"
import type { BusAdapter } from "@kanau/messaging"
import { Effect } from "effect"
import { SqlError } from "effect/sql"
import { type Lending, lending } from "./lending.ts"
import { type Storing, storing } from "./storing.ts"

/** A message in hand. */
export interface Row {
  readonly seq: bigint
  readonly queue: string
  readonly owner: bigint
  readonly takes: number
  readonly attempt: number
  readonly due_at: Date | null
  readonly attributes: string
  readonly data: Uint8Array
}

/** A message on its way into the queues of its type. */
export interface Outgoing {
  readonly type: string
  readonly attributes: string
  readonly data: Uint8Array
}

/** What is to become of a message in hand. */
export interface Outcome {
  readonly row: Row
  readonly settlement: BusAdapter.Outcome
}

/** How many messages a queue's consumers take now. */
export interface Wish {
  readonly queue: string
  readonly free: number
}

/** A queue that has something to do now, or in so many milliseconds. */
export interface Work {
  readonly queue: string
  readonly millis: number
}

export type Statement<A> = Effect.Effect<A, SqlError.SqlError>

/** A stored dead letter. */
export interface DeadRow {
  readonly id: bigint
  readonly died_at: Date
  readonly attempts: number
  readonly failure: string
  readonly attributes: string
  readonly data: Uint8Array
}

export interface Store extends Storing, Lending {
  /** Has an effect use a connection of its own, so that those who hold all others cannot make it wait. */
  readonly pinned: <A>(use: Statement<A>) => Statement<A>
}

/** A statement that takes longer is given up, with its connection: its server does not answer. */
const patience = "10 seconds"

/** Fails when the server does not answer, as it is when a network drops what is sent without a word. */
export const bounded = <A>(statement: Statement<A>): Statement<A> =>
  Effect.timeoutOrElse(statement, {
    duration: patience,
    orElse: () =>
      Effect.fail(
        new SqlError.SqlError({
          reason: new SqlError.ConnectionError({ cause: new Error(`PostgreSQL did not answer within ${patience}`) })
        })
      )
  })

export const make = (sql: PgClient.PgClient, leaseSeconds: number): Store => {
  const until = sql`now() + make_interval(secs => ${leaseSeconds}::double precision)`
  // An owner far ahead was written before the database's clock was set back.
  const isGone = sql.literal("(expires_at < now() or expires_at > now() + interval '1 day')")
  return {
    ...storing(sql, isGone),
    ...lending(sql, { isGone, until }),
    pinned: (use) =>
      Effect.scoped(
        Effect.flatMap(sql.reserve, (connection) => Effect.provideService(use, sql.transactionService, [connection, 0]))
      )
  }
}

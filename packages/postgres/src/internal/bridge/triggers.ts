/** The generated triggers of a bridge: which there are, and the statements that make them what they should be. */
import type * as PgClient from "@effect/sql-pg/PgClient"
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import { type Captured, publishedOf, quoted, sourceOf, typeOf } from "./captured.ts"

/** What was changed, by name of table. */
export interface Changes {
  readonly created: ReadonlyArray<string>
  readonly removed: ReadonlyArray<string>
}

/** Makes the triggers of a bridge those of the given tables; touches none that is as it should be. */
export const reconcile = (
  sql: PgClient.PgClient,
  name: string,
  tables: ReadonlyArray<Captured>
): Effect.Effect<Changes, SqlError.SqlError> =>
  sql.withTransaction(Effect.gen(function*() {
    yield* sql`select pg_advisory_xact_lock(hashtext('kanau.bridge'))`
    // Whoever waits for the lock of a table makes its writers wait behind him.
    yield* sql`set local lock_timeout = '5s'`
    const existing = yield* sql<Existing>`
      select tgrelid::integer as oid, tgrelid::regclass::text as identifier,
        tgenabled = 'A' and tgfoid = 'kanau.capture_change'::regproc as works, encode(tgargs, 'hex') as arguments
      from pg_trigger where tgname in (${rowTrigger(name)}, ${truncateTrigger(name)}) and tgparentid = 0`
    const right = (table: Captured) =>
      existing.filter((found) => found.oid === table.oid && found.works && found.arguments === encoded(name, table))
        .length === 2
    const wrong = tables.filter((table) => !right(table))
    const unwanted = new Map(
      existing.filter(({ oid }) => !tables.some((table) => table.oid === oid)).map((each) => [each.oid, each])
    )
    for (const { identifier } of [...wrong, ...unwanted.values()]) yield* drop(sql, name, identifier)
    for (const table of wrong) yield* create(sql, name, table)
    return {
      created: wrong.map(({ table }) => table),
      removed: [...unwanted.values()].map(({ identifier }) => identifier)
    }
  }))

interface Existing {
  readonly oid: number
  readonly identifier: string
  readonly works: boolean
  readonly arguments: string
}

/**
 * Triggers fire in the order of their names. This one comes first, lest another that changes the same row be noted
 * before the change that caused it.
 */
const rowTrigger = (name: string) => `0_kanau_${name}_row`
const truncateTrigger = (name: string) => `0_kanau_${name}_truncate`

const drop = (sql: PgClient.PgClient, name: string, identifier: string) =>
  Effect.forEach(
    [rowTrigger(name), truncateTrigger(name)],
    (trigger) => sql.unsafe(`drop trigger if exists ${quoted(trigger)} on ${identifier}`),
    { discard: true }
  )

/** `enable always`: also for what a restore or a subscription of the database writes. */
const create = (sql: PgClient.PgClient, name: string, table: Captured) =>
  Effect.forEach(
    [
      [rowTrigger(name), "insert or update or delete", "row"],
      [truncateTrigger(name), "truncate", "statement"]
    ] as const,
    ([trigger, events, each]) =>
      Effect.andThen(
        sql.unsafe(`create trigger ${quoted(trigger)} after ${events} on ${table.identifier} for each ${each}
          execute function kanau.capture_change(${argumentsOf(name, table).map(literal).join(", ")})`),
        sql.unsafe(`alter table ${table.identifier} enable always trigger ${quoted(trigger)}`)
      ),
    { discard: true }
  )

const argumentsOf = (name: string, table: Captured): ReadonlyArray<string> => {
  const published = publishedOf(table)
  return [
    table.table,
    typeOf(table),
    sourceOf(name),
    array(table.key),
    published === undefined ? "" : array(published)
  ]
}

/** As `pg_trigger.tgargs` has them. */
const encoded = (name: string, table: Captured): string =>
  Buffer.from(argumentsOf(name, table).map((each) => `${each}\0`).join("")).toString("hex")

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`

const array = (texts: ReadonlyArray<string>): string =>
  `{${texts.map((text) => `"${text.replaceAll(/["\\]/g, "\\$&")}"`).join(",")}}`

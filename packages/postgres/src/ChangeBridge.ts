/**
 * Publishes what happens to tables, whoever writes to them: every insert, update, delete and truncate of the listed
 * tables becomes a message of the type `<prefix>.changed` on the bus, with a stable id, at least once, and in commit
 * order for every row.
 *
 * One type with an `operation` field, not one type for each: what nobody is bound to cannot be published, and whoever
 * follows a row needs all of its changes, in order.
 *
 * This is the trigger source. Generated triggers append each change to the outbox in the writer's own transaction, and
 * a {@link Relay} publishes it, woken by `NOTIFY` at most twenty times a second and polling besides. So it commits or
 * rolls back with the change, no size is too large, and a lost connection costs nothing but time. It needs no special
 * rights and works on any PostgreSQL; writers pay for an insert per row. `ReplicationBridge` is the source that costs
 * writers nothing.
 *
 * The ordering key is the table and the values of its key columns, which must be unique. An update that changes them is
 * a `delete` of the old key and an `insert` of the new one. A `truncate` has the table alone as its ordering key, and no
 * order towards the changes of rows. What `columns` does not list never leaves the database.
 *
 * Every relay on a database publishes to the same bus; so does the bridge.
 */
import * as PgClient from "@effect/sql-pg/PgClient"
import type { Fault } from "@kanau/core"
import type { Bus } from "@kanau/messaging"
import { Effect, Queue, Schema } from "effect"
import * as Database from "./Database.ts"
import * as Captured from "./internal/bridge/captured.ts"
import * as Triggers from "./internal/bridge/triggers.ts"
import * as Outbox from "./Outbox.ts"
import * as Relay from "./Relay.ts"

/**
 * A table whose changes are published, as it is written in a configuration.
 *
 * @example
 * ```ts
 * import { ChangeBridge } from "@kanau/postgres"
 * import { Schema } from "effect"
 *
 * const text = `{ "table": "public.orders", "key": ["id"], "prefix": "shop.order", "columns": ["status"] }`
 * Schema.decodeUnknownSync(ChangeBridge.Table)(JSON.parse(text)).prefix // => "shop.order"
 * ```
 */
export const Table = Schema.Struct({
  /** Schema and name. */
  table: Schema.String.check(Schema.isPattern(/^[^.]+\../)),
  /** The columns that tell its rows apart. */
  key: Schema.NonEmptyArray(Schema.NonEmptyString),
  /** The messages have the type `<prefix>.changed`. */
  prefix: Schema.String.check(Schema.isPattern(/^[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)*$/)),
  /** The columns to publish besides the key; all of them when absent. */
  columns: Schema.optionalKey(Schema.Array(Schema.NonEmptyString))
})

/** A table whose changes are published. */
export type Table = typeof Table.Type

/** What a bridge captures. */
export interface Bridge {
  /** Names the triggers (or the replication slot): small letters, digits and `_`, at most 30. `bridge` when absent. */
  readonly name?: string
  readonly tables: ReadonlyArray<Table>
}

/**
 * The fields of the messages about a table, for the consumer's message class. `row` has the columns the consumer reads.
 *
 * - `operation`: `insert`, `update`, `delete` or `truncate`.
 * - `key`: the values of the key columns; null after a truncate.
 * - `new`: the row as it is now; null when it is gone.
 * - `old`: what an update replaced, and the whole row that was deleted, as far as it is known.
 * - `changed`: the names of the columns an update changed; null when that is not known.
 * - `unchanged`: the names of columns that are not in `new` because they are large and did not change.
 * - `order`: a decimal number that grows with every change of a row.
 *
 * Values are as PostgreSQL's `to_jsonb` writes them.
 *
 * @example
 * ```ts
 * import { Message } from "@kanau/core"
 * import { ChangeBridge } from "@kanau/postgres"
 * import { Schema } from "effect"
 *
 * class OrderChanged extends Message.event<OrderChanged>()("shop.order.changed", {
 *   fields: ChangeBridge.fields({ id: Schema.Int, status: Schema.String }),
 *   subject: ({ order }) => order
 * }) {}
 *
 * OrderChanged.type // => "shop.order.changed"
 * ```
 */
export const fields = <const Row extends Schema.Struct.Fields>(row: Row): Fields<Row> => ({
  operation: Schema.Literals(["insert", "update", "delete", "truncate"]),
  table: Schema.String,
  key: Schema.NullOr(Schema.Record(Schema.String, Schema.Unknown)),
  new: Schema.NullOr(Schema.Struct(row)),
  old: Schema.NullOr(Schema.Record(Schema.String, Schema.Unknown)),
  changed: Schema.NullOr(Schema.Array(Schema.String)),
  unchanged: Schema.Array(Schema.String),
  order: Schema.String
})

/** What {@link fields} makes. */
export interface Fields<Row extends Schema.Struct.Fields> extends Schema.Struct.Fields {
  readonly operation: Schema.Literals<readonly ["insert", "update", "delete", "truncate"]>
  readonly table: typeof Schema.String
  readonly key: Schema.NullOr<Schema.$Record<typeof Schema.String, typeof Schema.Unknown>>
  readonly new: Schema.NullOr<Schema.Struct<Row>>
  readonly old: Schema.NullOr<Schema.$Record<typeof Schema.String, typeof Schema.Unknown>>
  readonly changed: Schema.NullOr<Schema.$Array<typeof Schema.String>>
  readonly unchanged: Schema.$Array<typeof Schema.String>
  readonly order: typeof Schema.String
}

/** What {@link install} changed, by name of table. */
export type Installed = Triggers.Changes

/** Why triggers cannot be installed. A `Conflict` is a lock that was not to be had within five seconds. */
export type Failure = Fault.Unavailable | Fault.Conflict | Fault.Invariant

/**
 * Makes the triggers of this bridge those of the listed tables: creates what is missing or different, removes those of
 * tables that are no longer listed, touches nothing else. Needs ownership of the tables, and the tables of
 * `Migrations.kanau`. A table or column that is not there is an `Invariant`, and nothing is changed.
 *
 * @example
 * ```ts
 * import { ChangeBridge } from "@kanau/postgres"
 *
 * const installed = ChangeBridge.install({
 *   tables: [{ table: "public.orders", key: ["id"], prefix: "shop.order", columns: ["status", "total"] }]
 * })
 * typeof installed // => "object"
 * ```
 */
export const install = (bridge: Bridge): Effect.Effect<Installed, Failure, PgClient.PgClient> =>
  Effect.gen(function*() {
    const sql = yield* PgClient.PgClient
    const name = yield* Captured.nameOf(bridge.name)
    return yield* Database.faults(
      Effect.flatMap(Captured.find(sql, bridge.tables), (tables) => Triggers.reconcile(sql, name, tables))
    )
  })

/**
 * Removes the triggers of the bridge of this name, `bridge` when absent. What they noted is still published.
 *
 * @example
 * ```ts
 * import { ChangeBridge } from "@kanau/postgres"
 *
 * typeof ChangeBridge.uninstall() // => "object"
 * ```
 */
export const uninstall = (name?: string): Effect.Effect<Installed, Failure, PgClient.PgClient> =>
  install({ ...name === undefined ? {} : { name }, tables: [] })

/**
 * Installs the triggers, then relays until interrupted, as `Relay.make` does. Once a minute it looks whether the
 * triggers are still there: a table that was dropped and made anew has none.
 *
 * @example
 * ```ts
 * import { ChangeBridge } from "@kanau/postgres"
 *
 * const bridge = ChangeBridge.run({ tables: [{ table: "public.orders", key: ["id"], prefix: "shop.order" }] })
 * typeof bridge // => "object"
 * ```
 */
export const run = (
  bridge: Bridge,
  options: Relay.Options = {}
): Effect.Effect<never, Failure, Bus.Bus | PgClient.PgClient> => {
  const installing = noted(install(bridge))
  const looking = Effect.forever(Effect.delay(Effect.ignore(installing), "1 minute"))
  return Effect.andThen(installing, Effect.raceFirst(Effect.raceFirst(Relay.make(options), looking), nudge))
}

/**
 * Wakes the relays once more a moment after triggers have: what commits right after a notification sends none of its
 * own. Without it such a change waits for the relay's next poll.
 */
const nudge: Effect.Effect<never, never, PgClient.PgClient> = Effect.flatMap(PgClient.PgClient, (sql) =>
  Effect.scoped(
    Effect.flatMap(sql.listen(Outbox.channel), (notifications) =>
      Effect.forever(Effect.flatMap(Queue.take(notifications), ({ payload }) =>
        payload === "change" ? Effect.delay(sql.notify(Outbox.channel, ""), "60 millis") : Effect.void)))
  )).pipe(Effect.catch(() => Effect.sleep("1 second")), Effect.forever)

const noted = <R>(installing: Effect.Effect<Installed, Failure, R>): Effect.Effect<Installed, Failure, R> =>
  installing.pipe(
    Effect.tap(({ created, removed }) =>
      created.length + removed.length === 0 ?
        Effect.void :
        Effect.logInfo("the triggers of the bridge were changed").pipe(
          Effect.annotateLogs({ created: created.join(" "), removed: removed.join(" ") })
        )
    ),
    Effect.tapError((fault) =>
      Effect.annotateLogs(Effect.logError("the triggers of the bridge cannot be installed"), { reason: fault.message })
    )
  )

/** The publication and the replication slot of a bridge: making them, watching them, removing them. */
import type * as PgClient from "@effect/sql-pg/PgClient"
import { Fault } from "@kanau/core"
import { Clock, Effect, Metric, Schema } from "effect"
import type { SqlError } from "effect/sql"
import type { Captured } from "./captured.ts"
import { parse } from "./stream.ts"

/** The replication slot is gone, or the server has dropped what it was to send. */
export class SlotLost extends Fault.define<SlotLost>()(
  "SlotLost",
  "invariant",
  { slot: Schema.String, reason: Schema.String },
  ({ reason, slot }) =>
    `The replication slot ${slot} is lost: ${reason}. Changes that were not published yet never will be. Remove what ` +
    "is left with ReplicationBridge.uninstall, publish what is missing by other means, and start again."
) {}

/** What the slot and the publication of a bridge are called. */
const nameOf = (name: string): string => `kanau_${name}`

/** What a stream needs to know. */
export interface Slot {
  readonly slot: string
  /** Tells this database cluster from others. */
  readonly system: string
  readonly from: bigint
}

/** Makes what is missing, and refuses what cannot work. */
export const prepare = (
  sql: PgClient.PgClient,
  name: string,
  tables: ReadonlyArray<Captured>
): Effect.Effect<Slot, SqlError.SqlError | Fault.Invariant | SlotLost> =>
  Effect.gen(function*() {
    yield* checkIdentities(tables)
    const slot = nameOf(name)
    const [server] = yield* sql<{ wal: string; keep: string; system: string }>`
      select current_setting('wal_level') as wal, current_setting('max_slot_wal_keep_size', true) as keep,
        system_identifier::text as system from pg_control_system()`
    if (server?.wal !== "logical") {
      return yield* refused(`wal_level is ${server?.wal}; set it to logical and start PostgreSQL again.`)
    }
    if (server.keep === "-1") {
      yield* Effect.logWarning(
        "max_slot_wal_keep_size is not set: while this bridge stands still the server keeps its log until the disk is full"
      )
    }
    yield* publish(sql, slot, tables)
    const found = yield* stateOf(sql, slot)
    if (found === undefined) {
      const [other] = yield* sql<{ database: string }>`
        select database from pg_replication_slots where slot_name = ${slot}`
      if (other !== undefined) {
        return yield* refused(
          `Database ${other.database} of this server has a slot ${slot} already; give the bridge another name.`
        )
      }
      yield* sql`select pg_create_logical_replication_slot(${slot}, 'pgoutput')::text`
      yield* sql`insert into kanau.bridge_slots (slot) values (${slot})`
    }
    const [made] = yield* sql<{ confirmed: string }>`
      select confirmed_flush_lsn::text as confirmed from pg_replication_slots where slot_name = ${slot}`
    return { slot, system: server.system, from: parse(made?.confirmed ?? "") }
  })

/** Writes something now and then, so that the slot moves on while nothing is published; and measures. */
export const watch = (
  sql: PgClient.PgClient,
  slot: string,
  retainedBytes: number
): Effect.Effect<never, SqlError.SqlError | SlotLost> =>
  Effect.gen(function*() {
    const gauges = {
      retained: Metric.withAttributes(retained, { slot }),
      behind: Metric.withAttributes(behind, { slot }),
      alarm: Metric.withAttributes(alarm, { slot })
    }
    let said = -Infinity
    const look = Effect.gen(function*() {
      yield* sql`select pg_logical_emit_message(false, 'kanau.bridge', '')::text`
      const state = yield* stateOf(sql, slot).pipe(Effect.tapError(() => Metric.update(gauges.alarm, 1)))
      if (state === undefined) {
        yield* Metric.update(gauges.alarm, 1)
        return yield* new SlotLost({ slot, reason: "it was dropped" })
      }
      yield* Metric.update(gauges.retained, state.retained)
      yield* Metric.update(gauges.behind, state.behind)
      const isTooMuch = state.retained > retainedBytes
      yield* Metric.update(gauges.alarm, isTooMuch ? 1 : 0)
      const now = yield* Clock.currentTimeMillis
      if (isTooMuch && Math.abs(now - said) > 60_000) {
        said = now
        yield* Effect.logError("the server keeps too much of its log for the bridge").pipe(
          Effect.annotateLogs({ slot, bytes: state.retained })
        )
      }
    })
    return yield* Effect.forever(Effect.andThen(look, Effect.sleep("5 seconds")))
  })

/** Removes publication and slot; fails while a process reads from it. */
export const remove = (sql: PgClient.PgClient, name: string): Effect.Effect<void, SqlError.SqlError> => {
  const slot = nameOf(name)
  return Effect.asVoid(Effect.all([
    sql`select pg_drop_replication_slot(slot_name)::text from pg_replication_slots where slot_name = ${slot}`,
    sql.unsafe(`drop publication if exists ${slot}`),
    sql`delete from kanau.bridge_slots where slot = ${slot}`
  ]))
}

/** The slot; nothing, when there never was one. */
const stateOf = (sql: PgClient.PgClient, slot: string) =>
  Effect.gen(function*() {
    const [row] = yield* sql<{ made: boolean; status: string | null; retained: number | null; behind: number | null }>`
      select exists (select from kanau.bridge_slots where slot = ${slot}) as made, wal_status as status,
        pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::double precision as retained,
        pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn)::double precision as behind
      from (values (1)) one left join pg_replication_slots
        on slot_name = ${slot} and database = current_database()`
    if (row?.status === "lost") {
      return yield* new SlotLost({ slot, reason: "it was further behind than max_slot_wal_keep_size allows" })
    }
    if (row?.status === null || row?.status === undefined) {
      return row?.made === true ? yield* new SlotLost({ slot, reason: "it was dropped" }) : undefined
    }
    return { retained: row.retained ?? 0, behind: row.behind ?? 0 }
  })

/** PostgreSQL refuses updates of a published table whose rows it cannot tell apart. */
const checkIdentities = (tables: ReadonlyArray<Captured>) =>
  Effect.forEach(tables, ({ identifier, identifying, key, table }) => {
    const column = key.find((column) => !identifying.includes(column))
    return column === undefined ? Effect.void : refused(
      `Column ${column} of ${table} is no part of its replica identity, so deletes would come without it; name the ` +
        `columns of the primary key, or run: alter table ${identifier} replica identity full`
    )
  }, { discard: true })

/** The publication has to be there before the slot, which reads it as it was at each change. */
const publish = (sql: PgClient.PgClient, publication: string, tables: ReadonlyArray<Captured>) =>
  Effect.gen(function*() {
    const [existing] = yield* sql<{ tables: string }>`
      select (select coalesce(json_agg(prrelid::integer order by prrelid), '[]') from pg_publication_rel
        where prpubid = p.oid)::text as tables
      from pg_publication p where pubname = ${publication}`
    const list = tables.map(({ identifier }) => identifier).join(", ")
    if (existing === undefined) {
      yield* sql.unsafe(`create publication ${publication} ${list === "" ? "" : `for table ${list}`}
        with (publish = 'insert, update, delete, truncate', publish_via_partition_root = true)`)
      return
    }
    const wanted = tables.map(({ oid }) => oid).toSorted((a, b) => a - b)
    if (JSON.stringify(wanted) !== JSON.stringify(JSON.parse(existing.tables)) && list !== "") {
      yield* sql.unsafe(`alter publication ${publication} set table ${list}`)
    }
  })

const refused = (reason: string) => Effect.fail(new Fault.Invariant({ reason }))

const retained = Metric.gauge("kanau_bridge_retained_bytes", {
  description: "How much of its log the server keeps for the slot of the bridge"
})

const behind = Metric.gauge("kanau_bridge_behind_bytes", {
  description: "How much of the server's log the bridge has not confirmed"
})

const alarm = Metric.gauge("kanau_bridge_overdue", {
  description: "1 when the server keeps more for the slot than its bound, or the slot is lost; an alarm"
})

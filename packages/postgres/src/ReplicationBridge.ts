/**
 * The change bridge with logical replication as its source: the same messages as `ChangeBridge`, with the same promises,
 * read from the server's log by a replication slot. Writers pay nothing, and nothing is written besides.
 *
 * The slot moves on only after the bus has confirmed what was before; a message has the same id however often it is
 * sent. What the bus refuses goes to the outbox with the later changes of its row, is parked there, and is published
 * from there; so this relays the outbox as well, and every relay on the database publishes to the same bus. One process
 * reads from a slot at a time, the others wait.
 *
 * Needs `wal_level = logical`, PostgreSQL 13 or newer, a role that may replicate, and ownership of the tables. A table
 * without `replica identity full` sends less: `old` and `changed` are null after an update (`old` is the key after a
 * delete), and large values that did not change are not in `new`, but named in `unchanged`.
 *
 * A slot keeps the server's log until it is read. Set `max_slot_wal_keep_size`, or a bridge that stands still fills the
 * disk; with it, one that stands still for too long loses its slot, which ends this with {@link SlotLost}.
 *
 * Import it from `@kanau/postgres/ReplicationBridge`, with `pg-logical-replication` installed: it is not in the package's
 * index, so that other roles never load it.
 */
import * as PgClient from "@effect/sql-pg/PgClient"
import { Backoff, Fault } from "@kanau/core"
import { Bus } from "@kanau/messaging"
import { Effect, type Redacted, type Scope } from "effect"
import type { Bridge } from "./ChangeBridge.ts"
import * as Database from "./Database.ts"
import * as Captured from "./internal/bridge/captured.ts"
import * as Changes from "./internal/bridge/changes.ts"
import * as Direct from "./internal/bridge/direct.ts"
import * as Slot from "./internal/bridge/slot.ts"
import * as Stream from "./internal/bridge/stream.ts"
import * as Values from "./internal/bridge/values.ts"
import * as Relay from "./Relay.ts"

/**
 * The replication slot is gone, or the server has dropped what it was to send. Changes are missing.
 *
 * @example
 * ```ts
 * import { SlotLost } from "@kanau/postgres/ReplicationBridge"
 *
 * new SlotLost({ slot: "kanau_bridge", reason: "it was dropped" }).kind // => "invariant"
 * ```
 */
export const SlotLost: typeof Slot.SlotLost = Slot.SlotLost

/** The error of this name. */
export type SlotLost = Slot.SlotLost

/** What the bridge needs besides its tables. */
export interface Options extends Relay.Options {
  /** How to reach the server for replication, past any pooler. */
  readonly url: Redacted.Redacted
  /** What operators see in `pg_stat_replication`. The name of the slot when absent. */
  readonly applicationName?: string
  /** The server may keep so much of its log for the slot before the alarm is raised. 1 GiB when absent. */
  readonly retainedBytes?: number
}

/** Why the bridge cannot go on. */
export type Failure = Fault.Invariant | SlotLost

/**
 * Publishes changes until interrupted. Makes publication and slot (`kanau_<name>`) when they are missing: changes from
 * then on are published. Trouble with connections is logged and tried again; a table that does not fit is an
 * `Invariant`.
 *
 * @example
 * ```ts
 * import { run } from "@kanau/postgres/ReplicationBridge"
 * import { Redacted } from "effect"
 *
 * const tables = [{ table: "public.orders", key: ["id"], prefix: "shop.order" }] as const
 * const bridge = run({ tables }, { url: Redacted.make("postgres://localhost/shop") })
 * typeof bridge // => "object"
 * ```
 */
export const run = (
  bridge: Bridge,
  options: Options
): Effect.Effect<never, Failure, Bus.Bus | PgClient.PgClient> =>
  Effect.gen(function*() {
    const sql = yield* PgClient.PgClient
    const bus = yield* Bus.Bus
    const name = yield* Captured.nameOf(bridge.name)
    const reading = Effect.scoped(life(sql, bus, name, bridge, options)).pipe(
      Effect.tapError((fault) =>
        fault instanceof Fault.Invariant || fault instanceof SlotLost
          ? Effect.logError("the bridge cannot go on").pipe(Effect.annotateLogs({ reason: fault.message }))
          : Effect.logWarning("the bridge lost its connection and starts again").pipe(
            Effect.annotateLogs({ reason: fault.message })
          )
      ),
      Effect.retry({ schedule: Backoff.upTo("2 seconds"), while: isPassing }),
      Effect.catchIf(isPassing, Effect.die)
    )
    return yield* Effect.raceFirst(reading, Relay.make(options))
  })

/**
 * Removes the slot and the publication of the bridge of this name, `bridge` when absent. To be called when no process
 * runs it: the slot cannot be dropped while it is read.
 *
 * @example
 * ```ts
 * import { uninstall } from "@kanau/postgres/ReplicationBridge"
 *
 * typeof uninstall() // => "object"
 * ```
 */
export const uninstall = (
  name?: string
): Effect.Effect<void, Fault.Unavailable | Fault.Conflict | Fault.Invariant, PgClient.PgClient> =>
  Effect.gen(function*() {
    const sql = yield* PgClient.PgClient
    const checked = yield* Captured.nameOf(name)
    return yield* Database.faults(Slot.remove(sql, checked))
  })

const life = (
  sql: PgClient.PgClient,
  bus: Bus.BusService,
  name: string,
  { tables }: Bridge,
  { applicationName, retainedBytes = 2 ** 30, url }: Options
): Effect.Effect<never, Failure | Fault.Unavailable | Fault.Conflict, Scope.Scope> =>
  Database.faults(Effect.gen(function*() {
    const captured = yield* Captured.find(sql, tables)
    const { from, slot, system } = yield* Slot.prepare(sql, name, captured)
    const stream = yield* Stream.open({
      url,
      applicationName: applicationName ?? slot,
      slot,
      publication: slot,
      from
    })
    const changes = Changes.make({ name, system, tables: captured, values: Values.make(sql) })
    const direct = Direct.make(sql, bus, stream.isOurs)
    const publish = Effect.gen(function*() {
      const { confirm, envelopes } = yield* changes.read(yield* stream.take)
      yield* direct.publish(envelopes)
      if (confirm !== undefined) yield* stream.confirm(confirm)
    })
    return yield* Effect.raceFirst(Effect.forever(publish), Slot.watch(sql, slot, retainedBytes))
  }))

const isPassing = (fault: Failure | Fault.Unavailable | Fault.Conflict): fault is Fault.Unavailable | Fault.Conflict =>
  fault._tag === "Unavailable" || fault._tag === "Conflict"

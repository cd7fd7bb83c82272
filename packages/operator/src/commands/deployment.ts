/** What the commands work on: where the servers are, and what the system consists of. */
import type { PgClient } from "@effect/sql-pg/PgClient"
import { Fault, type KeyValue, type System } from "@kanau/core"
import { Bus, type Timetable } from "@kanau/messaging"
import type { Ledger, Migrations } from "@kanau/postgres"
import type { Indexing, SearchIndex } from "@kanau/search"
import type { View, ViewStore } from "@kanau/views"
import { Context, Data, Effect, Layer, Schedule } from "effect"
import type { SqlClient } from "effect/sql"

/**
 * A setting that names a server is missing. What needs this server cannot be done; `health` and `doctor` leave it out.
 *
 * @example
 * ```ts
 * import { Operate } from "@kanau/operator"
 *
 * new Operate.NotSet({ setting: "DATABASE_URL" }).message // => "DATABASE_URL is not set; it says where the server is."
 * ```
 */
export class NotSet extends Data.TaggedError("NotSet")<{ readonly setting: string }> {
  override get message(): string {
    return `${this.setting} is not set; it says where the server is.`
  }
}

/** Why there is no connection. */
export type ConnectFailure = NotSet | Fault.Unavailable

/** Connects when it is built; fails with {@link NotSet} where the environment names no server. */
export type Connecting<A> = Layer.Layer<A, ConnectFailure>

/** How each server is reached. A command builds only those it needs. */
export interface Connections {
  readonly postgres: Connecting<PgClient | SqlClient.SqlClient>
  readonly bus: Connecting<Bus.Bus>
  readonly views: Connecting<ViewStore.ViewStore>
  readonly search: Connecting<SearchIndex.SearchIndex>
  readonly keyValue: Connecting<KeyValue.KeyValue>
}

/** What is missing of these collections of the view store and their indexes, in words. */
export type Inspecting = (
  collections: ReadonlyArray<{ readonly name: string; readonly shape: ViewStore.Shape }>
) => Effect.Effect<ReadonlyArray<string>, ConnectFailure>

/** What the system consists of. */
export interface Deployment {
  readonly system: System.System
  /** The queues whose events `doctor` keeps account of. */
  readonly accounts: ReadonlyArray<Ledger.Account>
  /** What the scheduler runs. */
  readonly timetable: Timetable.Timetable
  readonly migrations: ReadonlyArray<Migrations.MigrationSet>
  readonly views: ReadonlyArray<View.View<SqlClient.SqlClient>>
  /** The queue from which view-managers take pages of a rebuild. */
  readonly rebuilding: string
  /** The sources of the search indexes. */
  readonly sources: ReadonlyArray<Indexing.Source<SqlClient.SqlClient>>
}

/** The connections, each given up after ten seconds, with what to look at. */
export const patient = (connections: Connections): Connections => ({
  postgres: within("postgres", connections.postgres),
  bus: within("the bus", Layer.tap(connections.bus, connected)),
  views: within("the view store", connections.views),
  search: within("the search engine", connections.search),
  keyValue: within("redis", connections.keyValue)
})

/** The connection of a bus is opened beside the work; a command that is the work has to wait for it. */
const connected = (context: Context.Context<Bus.Bus>) =>
  Effect.retry(Context.get(context, Bus.Bus).status("operator.check"), Schedule.spaced("200 millis"))

const within = <A>(dependency: string, layer: Connecting<A>): Connecting<A> =>
  Layer.effectContext(Effect.timeoutOrElse(Layer.build(layer), {
    duration: "10 seconds",
    orElse: () =>
      Effect.fail(
        new Fault.Unavailable({ dependency, reason: "no connection within 10 s; see `health` and the settings" })
      )
  }))

/** Which pages an event touches. */
import type { Message } from "@kanau/core"
import { Database } from "@kanau/postgres"
import { View } from "@kanau/views"
import { Array, Effect } from "effect"
import type { SqlClient, SqlError } from "effect/sql"
import { allOf } from "../events.ts"
import { ThingChanged } from "../importEvents.ts"
import type { KindName } from "../kinds.ts"

type Lookup = (id: string) => Effect.Effect<ReadonlyArray<string>, SqlError.SqlError, SqlClient.SqlClient>

/** Events of the page's own kind: its entry, and those of the kind that it is connected with, before and after. */
export const own = (kind: KindName, prefix: string, ...lookups: ReadonlyArray<Lookup>) =>
  View.on(allOf(kind), (event) => found(lookups, event.id, [event.id, ...ofPrefix(event.touched, prefix)]))

/** Events of another kind: the pages that it names itself, and those found from it. */
export const others = (kind: KindName, prefix: string, ...lookups: ReadonlyArray<Lookup>) =>
  View.on(allOf(kind), (event) => found(lookups, event.id, ofPrefix(event.touched, prefix)))

/** Events about something that was derived: the page itself or, with lookups, what they find from it. */
export const derived = (
  event: Message.Any & { readonly Type: { readonly id: string } },
  ...lookups: ReadonlyArray<Lookup>
) => View.on([event], ({ id }) => found(lookups, id, lookups.length === 0 ? [id] : []))

/** What entries show without being edited, by its table: the pages that show it. */
export const things = (lookups: { readonly [T in typeof ThingChanged.Type.table]?: Lookup }) =>
  View.on([ThingChanged], ({ id, table }) => found(lookups[table] === undefined ? [] : [lookups[table]], id, []))

const found = (lookups: ReadonlyArray<Lookup>, id: string, known: ReadonlyArray<string>) =>
  Effect.map(
    Effect.forEach(lookups, (lookup) => Database.faults(lookup(id)), { concurrency: "unbounded" }),
    (lists) => Array.dedupe([...known, ...lists.flat()])
  )

const ofPrefix = (ids: ReadonlyArray<string>, prefix: string): ReadonlyArray<string> =>
  ids.filter((id) => id.startsWith(prefix))

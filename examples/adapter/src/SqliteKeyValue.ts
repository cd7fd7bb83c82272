/**
 * The key-value port in an SQLite file of this process.
 *
 * Guarantees: all of the port's; what was written is there after a restart. Each operation is one statement, so it is
 * atomic on its key. Expired rows are ignored by every operation and removed when something is written.
 *
 * Does not share the file with other processes.
 */
import { Fault, KeyValue } from "@kanau/core"
import { Clock, Effect, Layer, Option } from "effect"
import { DatabaseSync } from "node:sqlite"

// #region layer
/** The store on `file`, or on `:memory:`; closed with the layer. */
export const layer = (options: { readonly file: string }): Layer.Layer<KeyValue.KeyValue, Fault.Unavailable> =>
  Layer.effect(
    KeyValue.KeyValue,
    Effect.gen(function*() {
      const database = yield* Effect.acquireRelease(
        Effect.try({ try: () => open(options.file), catch: unavailable }),
        (opened) => Effect.sync(() => opened.close())
      )
      const get = database.prepare("select value from entry where key = ? and expires_at > ?")
      const set = database.prepare("insert or replace into entry (key, value, expires_at) values (?, ?, ?)")
      const add = database.prepare(
        `insert into entry (key, value, expires_at) values (?, ?, ?)
         on conflict (key) do update set value = excluded.value, expires_at = excluded.expires_at where expires_at <= ?`
      )
      const take = database.prepare("delete from entry where key = ? returning value, expires_at")
      const replaceIf = database.prepare(
        "update entry set value = ?, expires_at = ? where key = ? and value = ? and expires_at > ?"
      )
      const removeIf = database.prepare("delete from entry where key = ? and value = ? and expires_at > ?")
      const sweep = database.prepare("delete from entry where expires_at <= ?")

      /** One statement at the current time; whatever goes wrong, the store is not available. */
      const at = <A>(statement: (now: number) => A): Effect.Effect<A, Fault.Unavailable> =>
        Effect.flatMap(
          Clock.currentTimeMillis,
          (now) => Effect.try({ try: () => statement(now), catch: unavailable })
        )

      return KeyValue.KeyValue.of({
        get: (key) => at((now) => valueOf(get.get(key, now))),
        set: (key, value, ttlMillis) =>
          at((now) => {
            sweep.run(now)
            set.run(key, value, now + ttlMillis)
          }),
        setIfAbsent: (key, value, ttlMillis) => at((now) => add.run(key, value, now + ttlMillis, now).changes === 1),
        take: (key) =>
          at((now) => {
            const row = take.get(key)
            return Number(row?.["expires_at"] ?? 0) > now ? valueOf(row) : Option.none()
          }),
        remove: (key) => at(() => void take.get(key)),
        replaceIf: (key, expected, value, ttlMillis) =>
          at((now) => replaceIf.run(value, now + ttlMillis, key, expected, now).changes === 1),
        removeIf: (key, expected) => at((now) => removeIf.run(key, expected, now).changes === 1)
      })
    })
  )
// #endregion

const open = (file: string): DatabaseSync => {
  const database = new DatabaseSync(file)
  database.exec(
    "create table if not exists entry (key text primary key, value text not null, expires_at real not null) strict"
  )
  return database
}

const valueOf = (row: Readonly<Record<string, unknown>> | undefined): Option.Option<string> =>
  row === undefined ? Option.none() : Option.some(String(row["value"]))

/** Names the dependency and what the operator can do about it; never a key or a value. */
const unavailable = (cause: unknown): Fault.Unavailable =>
  new Fault.Unavailable({ dependency: "sqlite", reason: cause instanceof Error ? cause.message : "unknown error" })

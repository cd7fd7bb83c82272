/**
 * How far views are behind the truth: events of the log that are not applied yet, by number and by the age of the oldest.
 *
 * Every event is looked for by its position, so one that is stuck shows however many came after it. Where everything up
 * to a position is applied, this is noted in the view store, and the next look begins there. A transaction that stays open
 * for longer than a minute while others commit may be passed; the relay's gauges show such transactions.
 */
import * as PgClient from "@effect/sql-pg/PgClient"
import type { Fault } from "@kanau/core"
import { View, ViewStore } from "@kanau/views"
import { Clock, Effect, Metric, Option, Schedule } from "effect"
import * as Database from "./Database.ts"

/** How far a view is behind. */
export interface Lag {
  readonly view: string
  /** Events that are not applied; {@link most} when there are more. */
  readonly behind: number
  /** Age of the oldest of them in seconds; 0 when there is none. */
  readonly oldestSeconds: number
}

/** Most events that are looked at. */
export const most = 50_000

type Failure = Fault.Unavailable | Fault.Conflict | Fault.Invariant

/**
 * Looks at these views.
 *
 * @example
 * ```ts
 * const [lag] = yield* Freshness.look([VnView])
 * ```
 */
export const look = (
  views: ReadonlyArray<View.View<unknown>>
): Effect.Effect<ReadonlyArray<Lag>, Failure, PgClient.PgClient | ViewStore.ViewStore> =>
  Effect.gen(function*() {
    const store = yield* ViewStore.ViewStore
    const now = yield* Clock.currentTimeMillis
    const types = [...new Set(views.flatMap((view) => View.events(view).map(({ type }) => type)))]
    if (types.length === 0) return views.map(({ name }) => ({ view: name, behind: 0, oldestSeconds: 0 }))
    const key = `freshness/${[...types].sort().join(",")}`
    const known = yield* store.records.get(key)
    let low = Option.isSome(known) && /^\d{1,18}$/.test(known.value.value) ? known.value.value : "0"
    const missing: Array<Event> = []
    let seen = 0
    let after = low
    while (seen < most) {
      const page = yield* eventsAfter(after, types, now - ViewStore.appliedRetentionMillis / 2)
      const unapplied = new Set(yield* store.unapplied(page.map(({ position }) => position)))
      for (const event of page) {
        if (unapplied.has(event.position)) missing.push(event)
        // Who commits late may still come in below what is seen now.
        else if (missing.length === 0 && event.time.getTime() < now - 60_000) low = event.position
      }
      seen += page.length
      const last = page.at(-1)
      if (last === undefined || page.length < pageSize) break
      after = last.position
    }
    // Who is first notes it; the others have noted about the same.
    const revision = Option.match(known, { onNone: () => 0, onSome: (record) => record.revision })
    if (Option.isNone(known) || known.value.value !== low) yield* store.records.put(key, low, revision)
    return views.map((view) => {
      const own = new Set(View.events(view).map(({ type }) => type))
      const open = missing.filter(({ type }) => own.has(type))
      const oldest = open.reduce((least, { time }) => Math.min(least, time.getTime()), now)
      return { view: view.name, behind: open.length, oldestSeconds: (now - oldest) / 1000 }
    })
  })

/** Keeps gauges of these views, until it is interrupted. */
export const watch = (
  views: ReadonlyArray<View.View<unknown>>,
  options: { readonly everySeconds?: number } = {}
): Effect.Effect<void, never, PgClient.PgClient | ViewStore.ViewStore> =>
  Effect.flatMap(look(views), (lags) =>
    Effect.forEach(lags, ({ behind, oldestSeconds, view }) =>
      Effect.andThen(
        Metric.update(Metric.withAttributes(eventsBehind, { view }), behind),
        Metric.update(Metric.withAttributes(oldestUnapplied, { view }), oldestSeconds)
      ), { discard: true })).pipe(
      Effect.catch((fault) => Effect.logWarning(`The lag of the views could not be read: ${fault.message}`)),
      Effect.repeat(Schedule.spaced((options.everySeconds ?? 15) * 1000)),
      Effect.asVoid
    )

const pageSize = 5000

interface Event {
  readonly position: string
  readonly type: string
  readonly time: Date
}

/** What is older than the memory of applied positions has long been applied, or been given up. */
const eventsAfter = (after: string, types: ReadonlyArray<string>, since: number) =>
  Effect.flatMap(PgClient.PgClient, (sql) =>
    Database.faults(Effect.map(
      sql<Omit<Event, "position"> & { position: bigint }>`
        select position, type, time from kanau.events
        where position > ${after}::bigint and type in ${sql.in(types)} and time > ${new Date(since)}
        order by position limit ${pageSize}`,
      (rows): ReadonlyArray<Event> => rows.map((row) => ({ ...row, position: String(row.position) }))
    )))

const eventsBehind = Metric.gauge("kanau_view_events_behind", {
  description: "Events that a view has not applied yet"
})

const oldestUnapplied = Metric.gauge("kanau_view_oldest_unapplied_seconds", {
  description: "Age of the oldest event that a view has not applied"
})

/**
 * Publishes what the outbox holds: takes pending events in order, publishes them with many confirms in flight, and
 * removes each pointer only after its confirm. At least once; in order per subject.
 *
 * Any number of processes may relay. They share 16 shards of subjects, each under a lease of its own whose epoch every
 * write names, so a relay that was stopped past its lease cannot remove or reorder anything for its successor.
 *
 * An event the bus refuses is parked with the reason; it and the later events of its subject wait, the others go on.
 * It is tried again on a ladder and dead after the last step, until somebody retries or discards it ({@link Parked}).
 * While the bus cannot be reached nothing is parked, and the relay waits with growing, jittered pauses.
 *
 * Woken by `NOTIFY`; polls once a second as a safety net. Gauges and the alarm are described in
 * `docs/explanation/outbox.md`.
 */
import * as PgClient from "@effect/sql-pg/PgClient"
import { Backoff, Fault } from "@kanau/core"
import { Bus, RetryLadder } from "@kanau/messaging"
import { Clock, Effect, Queue, Random } from "effect"
import type { SqlError } from "effect/sql"
import { moveDelayed, soonPayload } from "./internal/delayedMover.ts"
import { watch } from "./internal/outboxWatch.ts"
import * as Pointers from "./internal/pointers.ts"
import * as Publishing from "./internal/publishing.ts"
import * as Shards from "./internal/shards.ts"
import * as Outbox from "./Outbox.ts"

export interface Options {
  /** When a refused event is tried again, and how often; each wait is between half and all of its step. */
  readonly retry?: RetryLadder.RetryLadder
  /** How long a relay that stopped renewing keeps its shards from the others. 10 when absent. */
  readonly leaseSeconds?: number
  /** An event that waits longer than this raises the alarm, whatever the cause. 60 when absent. */
  readonly overdueSeconds?: number
}

/**
 * Relays until interrupted. Trouble with the database or the broker is logged and retried; it never ends the relay.
 */
export const make = (options: Options = {}): Effect.Effect<never, never, Bus.Bus | PgClient.PgClient> =>
  Effect.gen(function*() {
    const sql = yield* PgClient.PgClient
    const bus = yield* Bus.Bus
    return yield* life(sql, bus, options).pipe(
      Effect.tapCause((cause) =>
        Fault.kindOf(cause) === "interrupted"
          ? Effect.void
          : Effect.logWarning("the relay stopped and starts again", cause)
      ),
      Effect.sandbox,
      Effect.retry(Backoff.upTo("5 seconds")),
      Effect.orDie
    )
  })

/** {@link make} with the usual options. */
export const run: Effect.Effect<never, never, Bus.Bus | PgClient.PgClient> = make()

const life = (
  sql: PgClient.PgClient,
  bus: Bus.BusService,
  { leaseSeconds = 10, overdueSeconds = 60, retry = RetryLadder.standard }: Options
): Effect.Effect<never, SqlError.SqlError> =>
  Effect.scoped(Effect.gen(function*() {
    const notifications = yield* sql.listen(Outbox.channel)
    const [appended, delayed] = [yield* Queue.sliding<void>(1), yield* Queue.sliding<void>(1)]
    const hear = Effect.forever(
      Effect.flatMap(Queue.take(notifications), ({ payload }) =>
        Queue.offer(payload === soonPayload ? delayed : appended, undefined))
    )
    const wake = Effect.timeoutOption(Queue.take(appended), "1 second")
    const shards = yield* Effect.acquireRelease(Shards.join(sql, leaseSeconds), ({ leave }) =>
      leave)
    const relaying = relay(Pointers.make(sql), shards, Publishing.make(bus, retry, shards.holds), wake)
    return yield* Effect.raceAllFirst([
      relaying,
      hear,
      shards.renew,
      watch(sql, overdueSeconds),
      moveDelayed(sql, delayed)
    ])
  }))

/** The shards change hands only between sweeps, when nothing is in flight. */
const relay = (
  pointers: Pointers.Pointers,
  shards: Shards.Shards,
  publishing: Publishing.Publishing,
  wake: Effect.Effect<unknown, SqlError.SqlError>
): Effect.Effect<never, SqlError.SqlError> =>
  Effect.gen(function*() {
    let failures = 0
    let retriedAt = 0
    const backOff = Effect.flatMap(Random.next, (random) => {
      const longest = Math.min(5000, 200 * 2 ** failures++)
      return Effect.sleep(longest * (0.5 + random / 2))
    })
    return yield* Effect.forever(Effect.gen(function*() {
      yield* shards.rebalance
      const claims = shards.claims()
      if (claims.length === 0) return yield* wake
      let moved = yield* sweep(pointers, publishing, claims)
      const now = yield* Clock.currentTimeMillis
      if (!publishing.isDown() && Math.abs(now - retriedAt) >= retryMillis) {
        retriedAt = now
        moved += yield* retryParked(pointers, publishing, claims, moved > 0)
      }
      if (publishing.isDown()) {
        if (failures === 0) yield* Effect.logWarning("the bus cannot be reached; the relay waits")
        return yield* backOff
      }
      failures = 0
      if (moved === 0) yield* wake
    }))
  })

/** How often parked subjects are looked at, at most. */
const retryMillis = 900

/** Tries the parked subjects that are due; says how many events left the list. */
const retryParked = (
  pointers: Pointers.Pointers,
  publishing: Publishing.Publishing,
  claims: ReadonlyArray<Shards.Claim>,
  isUp: boolean
): Effect.Effect<number, SqlError.SqlError> =>
  Effect.gen(function*() {
    const due = yield* pointers.due(claims)
    if (due.length === 0) return 0
    const batch = Publishing.batch<Pointers.Parked>()
    yield* publishing.retry(due, batch, isUp)
    yield* pointers.tried(batch.confirmed, batch.refused)
    return batch.confirmed.length
  })

/** How long a sweep goes on before it starts over, to find what was committed late. */
const sweepMillis = 1000

/**
 * Takes pages from the beginning of the list towards its end: while one is published the one before is settled and the
 * next one read. Says how many events left the list.
 */
const sweep = (
  pointers: Pointers.Pointers,
  publishing: Publishing.Publishing,
  claims: ReadonlyArray<Shards.Claim>
): Effect.Effect<number, SqlError.SqlError> =>
  Effect.gen(function*() {
    const until = (yield* Clock.currentTimeMillis) + sweepMillis
    // Subjects parked in this sweep, which pages read earlier do not know of.
    const parked = new Set<string>()
    let moved = 0
    let open = Publishing.batch<Pointers.Pending>()
    const settle = ({ confirmed, refused, waiting }: Publishing.Batch<Pointers.Pending>) =>
      Effect.all([
        confirmed.length > 0 ? pointers.confirmed(confirmed) : Effect.void,
        refused.length + waiting.length > 0
          ? pointers.park([...refused, ...waiting.map((pointer) => ({ pointer }))])
          : Effect.void
      ], { concurrency: 2, discard: true })
    const pages = Effect.gen(function*() {
      let page = yield* pointers.page(claims, 0n)
      while (page.pointers.length > 0) {
        const goesOn = page.more && (yield* Clock.currentTimeMillis) < until
        const last = page.pointers.at(-1)?.position ?? 0n
        const before = open
        open = Publishing.batch()
        const [, next] = yield* Effect.all([
          publishing.publish(page.pointers, open, parked),
          Effect.andThen(settle(before), goesOn ? pointers.page(claims, last) : Effect.succeed(empty))
        ], { concurrency: 2 })
        moved += open.confirmed.length
        // A subject whose event could not be sent must not go on with a later page.
        page = publishing.isDown() ? empty : next
      }
      yield* settle(open)
      return moved
    })
    // What was confirmed before an interruption leaves the list too, lest it be published again.
    return yield* Effect.onInterrupt(pages, () => Effect.ignore(Effect.timeout(settle(open), "2 seconds")))
  })

const empty: Pointers.Page = { pointers: [], more: false }

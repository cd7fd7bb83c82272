/** The load, and the account that must balance after it. */
import { Bus } from "@kanau/messaging"
import { Database, Ledger, Outbox } from "@kanau/postgres"
import { Clock, Effect } from "effect"
import { SqlClient } from "effect/sql"
import { consumer, Counted, queue } from "./work.ts"
import type { World } from "./world.ts"

const keys = 20

/** What a run came to. */
export interface Result {
  /** Events of committed transactions. */
  readonly committed: number
  /** Transactions whose commit was not confirmed, so that they may count or not. */
  readonly unsure: number
  readonly effects: number
  /** Effects that happened more than once. */
  readonly twice: number
  /** Effects of a key that came before an earlier one. */
  readonly overtaken: number
  readonly ticks: number
  /** Due times that gave no tick, and ticks beyond the first for a due time. */
  readonly ticksMissing: number
  readonly ticksTwice: number
  /** From the last fault's healing to balance. */
  readonly settledMillis: number
  /** What does not balance after waiting. */
  readonly complaint: string | undefined
}

/** What was asked for so far. */
export interface Asked {
  committed: number
  unsure: number
  /** The next number of each key. */
  readonly next: Map<string, number>
}

/** Appends events, a transaction at a time, until interrupted; what fails is tried again as a new one. */
export const load = (world: World, state: Asked) =>
  Effect.gen(function*() {
    const outbox = yield* Outbox.Outbox
    const { next } = state
    for (let at = 0;; at++) {
      const key = `key ${at % keys}`
      const events = Array.from({ length: 1 + (at % 3) }, (_, more) =>
        new Counted({ key, n: (next.get(key) ?? 0) + more }))
      // Never the same number twice: a commit may have arrived although its answer was lost.
      next.set(key, (next.get(key) ?? 0) + events.length)
      const exit = yield* Effect.onExit(Database.transaction(outbox.appendAll(events)), ({ _tag }) =>
        Effect.sync(() => {
          if (_tag === "Success") {
            state.committed += events.length
          } else state.unsure += events.length
        })).pipe(Effect.exit)
      if (exit._tag === "Failure") {
        yield* Effect.sleep("50 millis")
      }
      yield* Effect.sleep("10 millis")
    }
  }).pipe(Effect.provide(world.bystander))

/** Waits until every event has had its effect, a minute at most, and counts. */
export const settle = (world: World, { committed, unsure }: Asked) =>
  Effect.gen(function*() {
    const began = yield* Clock.currentTimeMillis
    const account = { ...consumer.queue, queue, inbox: queue }
    const balance = Effect.gen(function*() {
      const [found] = yield* Ledger.balances([account], { since: new Date(0), graceSeconds: 0 })
      const open = found?.rows.reduce((sum, row) => sum + row.open + row.pending + row.parked, 0) ?? 1
      const broker = found?.broker
      const left = broker === undefined ? 1 : broker.ready + broker.delayed + broker.deadLetters
      const dead = yield* Effect.flatMap(Bus.Bus, (bus) => bus.deadLetters(queue, 5))
      return {
        over: open === 0 && left === 0,
        complaint: `${open} events are open, ${left} messages are left, dead: ${
          JSON.stringify(dead.map(({ failure }) => failure))
        }`
      }
    }).pipe(Effect.catch((fault) => Effect.succeed({ over: false, complaint: String(fault) })))
    let last = yield* balance
    // The ticks go on, so it is balanced for a moment only.
    while (!last.over && (yield* Clock.currentTimeMillis) - began < 60_000) {
      yield* Effect.sleep("50 millis")
      last = yield* balance
    }
    const settledMillis = (yield* Clock.currentTimeMillis) - began
    const sql = yield* SqlClient.SqlClient
    const [counts] = yield* sql<Omit<Result, "committed" | "unsure" | "settledMillis" | "complaint">>`
      with numbered as (
        select key, n, place, max(n) over (partition by key order by place rows between unbounded preceding and 1 preceding)
          as before
        from effects
      ), counted as (select * from numbered where key <> 'tick')
      select (select count(*) from counted)::integer as effects,
        (select count(*) - count(distinct (key, n)) from counted)::integer as twice,
        (select count(*) from counted where n < before)::integer as overtaken,
        (select count(*) from numbered where key = 'tick')::integer as ticks,
        (select coalesce((max(n) - min(n)) / 1000 + 1 - count(distinct n), 0) from numbered where key = 'tick')::integer
          as "ticksMissing",
        (select count(*) - count(distinct n) from numbered where key = 'tick')::integer as "ticksTwice"`
    const [events] = yield* sql<
      { n: number }
    >`select count(*)::integer as n from kanau.events where type = 'chaos.counted'`
    const lost = (events?.n ?? 0) - (counts?.effects ?? 0)
    return {
      ...(counts as Result),
      committed,
      unsure,
      settledMillis,
      complaint: last.over
        ? (events?.n ?? 0) < committed
          ? `${committed} events were committed, and the log has ${events?.n}`
          : lost === 0
          ? undefined
          : `${lost} events have had no effect`
        : last.complaint
    } satisfies Result
  }).pipe(Effect.provide(world.bystander))

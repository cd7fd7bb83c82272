/**
 * The conservation ledger: every event of the log is published, pending or parked; every published one is processed,
 * given up, or still with the broker. What is none of these was lost, and the ledger names it.
 *
 * Accounts are kept by event id, from the tables that the work itself writes: event log, pending list, parked events,
 * inbox, dead letters. Only what lies in the broker is counted by the broker. A consumer without an inbox records
 * nothing, so for it the account ends at the broker.
 */
import * as PgClient from "@effect/sql-pg/PgClient"
import type { Fault } from "@kanau/core"
import { Bus } from "@kanau/messaging"
import { Clock, Effect, Metric, Schedule } from "effect"
import * as Database from "./Database.ts"
import * as DeadLetters from "./DeadLetters.ts"

/** A queue to keep account of. */
export interface Account {
  readonly queue: string
  readonly types: ReadonlyArray<string>
  /** The name under which its handlers deduplicate (`Inbox.deduplicate`), when they do. */
  readonly inbox?: string
}

/** One message type on one queue. */
export interface Row {
  readonly queue: string
  readonly type: string
  /** Events in the log. */
  readonly appended: number
  /** Of these, not published yet. */
  readonly pending: number
  /** Of these, refused by the bus, or behind one that was. */
  readonly parked: number
  /** Of these, handed to the broker. */
  readonly relayed: number
  /** Of those relayed, with their effect, or discarded by their handler. */
  readonly processed: number
  readonly discarded: number
  /** Of those relayed, among the dead letters. */
  readonly deadLetters: number
  /** Of those relayed, none of these: with the broker or its consumer now, or lost. */
  readonly open: number
  /** Seconds since the oldest of each happened; 0 when there is none. */
  readonly oldestPending: number
  readonly oldestOpen: number
  /** Ids of the oldest open events, ten at most. */
  readonly openIds: ReadonlyArray<string>
}

/** An account with its verdict. */
export interface Balance {
  readonly queue: string
  readonly rows: ReadonlyArray<Row>
  /** What the broker counts; nothing when the queue was never declared. */
  readonly broker: Bus.QueueStatus | undefined
  /** What does not balance, in words; nothing when all is well. */
  readonly complaint: string | undefined
}

type Failure = Fault.Unavailable | Fault.Conflict | Fault.Invariant

/**
 * The rows of accounts, over events that happened at `since` or later; events that were trimmed from the inbox or the
 * log must lie before it.
 *
 * @example
 * ```ts
 * const rows = yield* Ledger.rows([{ queue: "mail", types: ["shop.ordered"], inbox: "mail" }], { since: yesterday })
 * ```
 */
export const rows = (
  accounts: ReadonlyArray<Account>,
  options: { readonly since: Date }
): Effect.Effect<ReadonlyArray<Row>, Failure, PgClient.PgClient> =>
  Effect.flatMap(PgClient.PgClient, (sql) =>
    Effect.map(
      Effect.forEach(accounts, ({ inbox, queue, types }) =>
        Database.faults(sql<Row>`
          with states as (
            select e.id, e.type, e.time, case
              when exists (select 1 from kanau.pending p where p.position = e.position) then 'pending'
              when exists (select 1 from kanau.parked p where p.position = e.position) then 'parked'
              when ${inbox ?? null}::text is null then 'relayed'
              when exists (
                select 1 from kanau.dead_letters d where d.queue = ${queue} and d.message_id = e.id
                  and d.state in ('parked', 'redriving', 'purged')
              ) then 'dead'
              else coalesce((
                select case when i.discarded then 'discarded' else 'processed' end from kanau.inbox i
                where i.consumer = ${inbox ?? null} and i.message_id = e.id
              ), 'open') end as state
            from kanau.events e
            where e.type = any(${[...types]}::text[]) and e.time >= ${options.since}::timestamptz
          )
          select ${queue} as queue, type, count(*)::integer as appended,
            (count(*) filter (where state = 'pending'))::integer as pending,
            (count(*) filter (where state = 'parked'))::integer as parked,
            (count(*) filter (where state not in ('pending', 'parked')))::integer as relayed,
            (count(*) filter (where state = 'processed'))::integer as processed,
            (count(*) filter (where state = 'discarded'))::integer as discarded,
            (count(*) filter (where state = 'dead'))::integer as "deadLetters",
            (count(*) filter (where state = 'open'))::integer as open,
            coalesce(extract(epoch from now() - min(time) filter (where state = 'pending')), 0)::double precision
              as "oldestPending",
            coalesce(extract(epoch from now() - min(time) filter (where state = 'open')), 0)::double precision
              as "oldestOpen",
            coalesce((array_agg(id order by time) filter (where state = 'open'))[1:10], '{}') as "openIds"
          from states group by type order by type`)),
      (found) => found.flat()
    ))

/**
 * Compares the rows with what the broker counts. An account does not balance when more events are open than lie with the
 * broker, and the oldest is older than `graceSeconds` (60 when absent), the time a message may be in a handler's hands.
 *
 * @example
 * ```ts
 * for (const { complaint } of yield* Ledger.balances(accounts, { since: yesterday })) {
 *   if (complaint !== undefined) yield* Effect.logError(complaint)
 * }
 * ```
 */
export const balances = (
  accounts: ReadonlyArray<Account>,
  options: { readonly since: Date; readonly graceSeconds?: number }
): Effect.Effect<ReadonlyArray<Balance>, Failure, PgClient.PgClient | Bus.Bus> =>
  Effect.gen(function*() {
    const bus = yield* Bus.Bus
    const grace = options.graceSeconds ?? 60
    return yield* Effect.forEach(accounts, (account) =>
      Effect.gen(function*() {
        // The broker first: what is processed between the two is then counted twice, never missed.
        const broker = yield* bus.status(account.queue)
        const found = yield* rows([account], options)
        return { queue: account.queue, rows: found, broker, complaint: complaintOf(account, found, broker, grace) }
      }))
  })

/**
 * Keeps gauges of accounts up to date until interrupted, every `everySeconds` (30 when absent), over the last day.
 *
 * @example
 * ```ts
 * yield* Effect.forkScoped(Ledger.watch(accounts))
 * ```
 */
export const watch = (
  accounts: ReadonlyArray<Account>,
  options: { readonly everySeconds?: number } = {}
): Effect.Effect<void, never, PgClient.PgClient | Bus.Bus> => {
  const look = Effect.gen(function*() {
    const now = yield* Clock.currentTimeMillis
    for (const { broker, complaint, queue, rows } of yield* balances(accounts, { since: new Date(now - 86_400_000) })) {
      for (const state of ["ready", "delayed", "deadLetters"] as const) {
        yield* Metric.update(Metric.withAttributes(queueMessages, { queue, state }), broker?.[state] ?? 0)
      }
      yield* Metric.update(Metric.withAttributes(queueConsumers, { queue }), broker?.consumers ?? 0)
      for (const state of states) {
        const count = rows.reduce((sum, row) => sum + row[state], 0)
        yield* Metric.update(Metric.withAttributes(ledgerEvents, { queue, state }), count)
      }
      const oldest = rows.reduce((most, row) => Math.max(most, row.oldestOpen), 0)
      yield* Metric.update(Metric.withAttributes(oldestOpenSeconds, { queue }), oldest)
      yield* Metric.update(Metric.withAttributes(unbalanced, { queue }), complaint === undefined ? 0 : 1)
      const { letters, seconds } = yield* DeadLetters.age(queue)
      yield* Metric.update(Metric.withAttributes(deadLetters, { queue }), letters)
      yield* Metric.update(Metric.withAttributes(oldestDeadSeconds, { queue }), seconds)
      if (complaint !== undefined) {
        yield* Effect.annotateLogs(Effect.logError(`The ledger does not balance: ${complaint}`), { queue })
      }
    }
  })
  return Effect.repeat(
    Effect.catch(look, (fault) => Effect.logWarning(`The ledger could not be read: ${fault.message}`)),
    Schedule.spaced((options.everySeconds ?? 30) * 1000)
  )
}

const complaintOf = (
  { inbox, queue }: Account,
  rows: ReadonlyArray<Row>,
  broker: Bus.QueueStatus | undefined,
  grace: number
): string | undefined => {
  const stuck = rows.find(({ oldestPending }) => oldestPending > grace)
  if (stuck !== undefined) {
    return `${stuck.pending} ${stuck.type} wait in the outbox, the oldest for ${Math.round(stuck.oldestPending)} s`
  }
  if (broker === undefined) return `nobody has declared ${queue}; start its role`
  if (broker.consumers === 0 && broker.ready > 0) {
    return `${broker.ready} messages wait on ${queue} and nobody consumes it`
  }
  if (inbox === undefined) return undefined
  const open = rows.reduce((sum, row) => sum + row.open, 0)
  const there = broker.ready + broker.delayed + broker.deadLetters
  const worst = rows.find(({ oldestOpen }) => oldestOpen > grace)
  if (open <= there || worst === undefined) return undefined
  return `${open} events relayed to ${queue} are neither processed nor dead, but the broker has ${there} messages; ` +
    `the oldest is a ${worst.type} of ${Math.round(worst.oldestOpen)} s ago, ${worst.openIds[0] ?? ""}`
}

const states = ["appended", "pending", "parked", "relayed", "processed", "discarded", "deadLetters", "open"] as const

const queueMessages = Metric.gauge("kanau_queue_messages", {
  description: "Messages of a queue as the broker counts them"
})

const queueConsumers = Metric.gauge("kanau_queue_consumers", {
  description: "Consumers of a queue over all processes, as the broker counts them"
})

const ledgerEvents = Metric.gauge("kanau_ledger_events", {
  description: "Events of the last day, by what has become of them on a queue"
})

const oldestOpenSeconds = Metric.gauge("kanau_ledger_oldest_open_seconds", {
  description: "How long ago the oldest event happened that was relayed to a queue and is not done with"
})

const deadLetters = Metric.gauge("kanau_dead_letters", {
  description: "Dead letters of a queue that nobody has acted on"
})

const oldestDeadSeconds = Metric.gauge("kanau_dead_letters_oldest_seconds", {
  description: "How long ago the oldest of them was given up"
})

const unbalanced = Metric.gauge("kanau_ledger_unbalanced", {
  description: "1 when the account of a queue does not balance"
})

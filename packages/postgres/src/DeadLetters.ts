/**
 * Messages that were given up, for operators: what kinds of trouble there are, what is in a letter, editing it, sending
 * it again, and throwing it away. {@link PgDeadLetters} puts them here.
 *
 * A redriven message starts its ladder anew on the queue it came from; if it fails again it comes back as another letter
 * that carries the history of the first.
 */
import * as PgClient from "@effect/sql-pg/PgClient"
import { Envelope, Fault } from "@kanau/core"
import { Duration, Effect, Result, Schema } from "effect"
import type { Statement } from "effect/sql"
import * as Database from "./Database.ts"
import { trimmed } from "./internal/trimming.ts"

/** What became of a letter: see {@link Letter.state}. */
export type State = "parked" | "redriving" | "redriven" | "resolved" | "failed-again" | "purged"

/** Which letters are meant; without a condition, all that are parked. Conditions are combined with "and". */
export interface Filter {
  readonly numbers?: ReadonlyArray<string>
  readonly queue?: string
  /** Name of the error, such as `Unavailable`. */
  readonly fault?: string
  readonly type?: string
  readonly subject?: string
  /** Given up at this time or later. */
  readonly since?: Date
  /** `parked` when absent. */
  readonly state?: State
}

/** Letters of one queue, one type and one fault. */
export interface Group {
  readonly queue: string
  readonly type: string
  readonly fault: string
  readonly letters: number
  readonly oldest: Date
  readonly newest: Date
  /** Number of the newest letter, to look at. */
  readonly sample: string
}

/** A letter without its payload. */
export interface Summary {
  readonly number: string
  readonly queue: string
  readonly type: string
  readonly subject: string
  readonly messageId: string
  readonly fault: string
  readonly reason: string
  readonly error: string
  readonly attempts: number
  readonly diedAt: Date
  /**
   * `parked` until somebody acts, `redriving` while it is sent, `redriven` once the bus has it, `resolved` when a
   * consumer that parks what follows has handled it, `failed-again` when it came back as another letter, `purged` when
   * somebody threw it away.
   */
  readonly state: State
}

/** A letter whole. */
export interface Letter extends Summary {
  readonly attributes: Readonly<Record<string, string>>
  readonly data: Uint8Array
  /** What was done with it, oldest first. */
  readonly history: ReadonlyArray<{ readonly at: string; readonly what: string }>
}

/** There is no such letter, or it is not parked any more. */
export class NoLetter extends Fault.define<NoLetter>()(
  "NoLetter",
  "not-found",
  { number: Schema.String },
  (fault) => `There is no parked letter ${fault.number}.`
) {}

type Failure = Fault.Unavailable | Fault.Conflict | Fault.Invariant

/**
 * What kinds of trouble there are, most letters first.
 *
 * @example
 * ```ts
 * const groups = yield* DeadLetters.groups()
 * ```
 */
export const groups = (filter: Filter = {}): Effect.Effect<ReadonlyArray<Group>, Failure, PgClient.PgClient> =>
  Effect.flatMap(PgClient.PgClient, (sql) =>
    Database.faults(sql<Group>`
      select queue, type, fault, count(*)::integer as letters, min(died_at) as oldest, max(died_at) as newest,
        max(number)::text as sample
      from kanau.dead_letters where ${conditions(sql, filter)}
      group by queue, type, fault order by letters desc, queue, type, fault`))

/**
 * Letters in the order in which they would be redriven, a page at a time: `after` is the last number of the page before.
 *
 * @example
 * ```ts
 * const letters = yield* DeadLetters.list({ queue: "mail" }, { limit: 50 })
 * ```
 */
export const list = (
  filter: Filter,
  page: { readonly limit: number; readonly after?: string }
): Effect.Effect<ReadonlyArray<Summary>, Failure, PgClient.PgClient> =>
  Effect.flatMap(PgClient.PgClient, (sql) =>
    Database.faults(sql<Summary>`
      select ${sql.literal(summaryColumns)} from kanau.dead_letters
      where ${conditions(sql, filter)} and (place, number) > (
        select coalesce(max(place), 0), coalesce(max(number), 0) from kanau.dead_letters
        where number = ${page.after ?? null}::bigint
      ) order by place, number limit ${page.limit}`))

/**
 * How many letters a filter means: the dry run of a redrive or a purge.
 *
 * @example
 * ```ts
 * const letters = yield* DeadLetters.count({ fault: "Unavailable" })
 * ```
 */
export const count = (filter: Filter): Effect.Effect<number, Failure, PgClient.PgClient> =>
  Effect.flatMap(PgClient.PgClient, (sql) =>
    Effect.map(
      Database.faults(
        sql<{ n: number }>`select count(*)::integer as n from kanau.dead_letters where ${conditions(sql, filter)}`
      ),
      (rows) => rows[0]?.n ?? 0
    ))

/**
 * How many letters of a queue nobody has acted on, and for how long the oldest has waited.
 *
 * @example
 * ```ts
 * const { letters, seconds } = yield* DeadLetters.age("mail")
 * ```
 */
export const age = (
  queue: string
): Effect.Effect<{ readonly letters: number; readonly seconds: number }, Failure, PgClient.PgClient> =>
  Effect.flatMap(PgClient.PgClient, (sql) =>
    Effect.map(
      Database.faults(sql<{ letters: number; seconds: number }>`
        select count(*)::integer as letters,
          coalesce(extract(epoch from now() - min(died_at)), 0)::double precision as seconds
        from kanau.dead_letters where queue = ${queue} and state = 'parked'`),
      ([row = { letters: 0, seconds: 0 }]) => row
    ))

/**
 * One letter with its payload and history, in whatever state.
 *
 * @example
 * ```ts
 * const letter = yield* DeadLetters.get("17")
 * ```
 */
export const get = (number: string): Effect.Effect<Letter, Failure | NoLetter, PgClient.PgClient> =>
  Effect.flatMap(PgClient.PgClient, (sql) =>
    Effect.flatMap(
      Database.faults(sql<Letter & { attributes: string }>`
        select ${sql.literal(summaryColumns)}, attributes, data, history from kanau.dead_letters
        where number = ${number}::bigint`),
      ([row]) =>
        row === undefined
          ? Effect.fail(new NoLetter({ number }))
          : Effect.succeed({ ...row, attributes: JSON.parse(row.attributes) as Letter["attributes"] })
    ))

/**
 * Replaces attributes or payload of a parked letter; the history says so. What comes out must be a valid envelope, or it
 * is refused as `InvalidInput`: that much is certain to fail again.
 *
 * @example
 * ```ts
 * yield* DeadLetters.edit("17", { data: new TextEncoder().encode(`{"vn":"v17"}`) })
 * ```
 */
export const edit = (
  number: string,
  change: { readonly attributes?: Readonly<Record<string, string>>; readonly data?: Uint8Array }
): Effect.Effect<void, Failure | NoLetter | Fault.InvalidInput, PgClient.PgClient> =>
  Effect.gen(function*() {
    const sql = yield* PgClient.PgClient
    const letter = yield* get(number)
    const attributes = change.attributes ?? letter.attributes
    const data = change.data ?? letter.data
    const read = Envelope.fromAttributes(attributes, data)
    if (Result.isFailure(read)) {
      return yield* new Fault.InvalidInput({ issues: [{ path: "attributes", message: read.failure.message }] })
    }
    const edited = yield* Database.faults(sql`
      update kanau.dead_letters set attributes = ${JSON.stringify(attributes)}, data = ${data}::bytea,
        message_id = ${read.success.id}, type = ${read.success.type}, subject = ${read.success.subject},
        history = history || jsonb_build_object('at', now(), 'what', 'edited')
      where number = ${number}::bigint and state = 'parked' returning number`)
    if (edited.length === 0) return yield* new NoLetter({ number })
  })

/**
 * Throws letters away; says how many. Their payload is gone for good, that they were there is kept until they are
 * {@link trim trimmed}. What waited behind them goes on.
 *
 * @example
 * ```ts
 * yield* DeadLetters.purge({ queue: "mail", fault: "AddressUnknown" })
 * ```
 */
export const purge = (filter: Filter): Effect.Effect<number, Failure, PgClient.PgClient> =>
  Effect.flatMap(PgClient.PgClient, (sql) =>
    Effect.map(
      Database.faults(sql`
        update kanau.dead_letters set state = 'purged', attributes = '{}', data = '',
          history = history || jsonb_build_object('at', now(), 'what', 'purged')
        where ${conditions(sql, filter)} returning 1 as gone`),
      ({ length }) => length
    ))

/**
 * Forgets letters that were redriven, purged, resolved or came back as others, given up longer ago than `keep`; says how many.
 * Parked ones stay.
 *
 * @example
 * ```ts
 * yield* DeadLetters.trim({ keep: "90 days" })
 * ```
 */
export const trim = (options: {
  readonly keep: Duration.Input
}): Effect.Effect<number, Failure, PgClient.PgClient> =>
  Effect.flatMap(
    PgClient.PgClient,
    (sql) =>
      trimmed((limit) =>
        sql`delete from kanau.dead_letters where number = any(array(
        select number from kanau.dead_letters where state not in ('parked', 'redriving')
          and died_at < now() - make_interval(secs => ${Duration.toSeconds(options.keep)}) limit ${limit}
      )) returning 1 as gone`
      )
  )

const summaryColumns = `number::text, queue, type, subject, message_id as "messageId", fault, reason, error, attempts,
  died_at as "diedAt", state`

/** The condition a filter stands for. */
export const conditions = (
  sql: PgClient.PgClient,
  { fault, numbers, queue, since, state = "parked", subject, type }: Filter
): Statement.Fragment =>
  sql.and([
    sql`state = ${state}`,
    ...(numbers === undefined ? [] : [sql`number = any(${`{${numbers.join(",")}}`}::bigint[])`]),
    ...(queue === undefined ? [] : [sql`queue = ${queue}`]),
    ...(fault === undefined ? [] : [sql`fault = ${fault}`]),
    ...(type === undefined ? [] : [sql`type = ${type}`]),
    ...(subject === undefined ? [] : [sql`subject = ${subject}`]),
    ...(since === undefined ? [] : [sql`died_at >= ${since}::timestamptz`])
  ])

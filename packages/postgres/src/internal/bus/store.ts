/**
 * The tables of the bus and every statement on them. A row is in hand while it has an owner; every settlement names the
 * owner and the count of takes it was handed out with, so one that comes too late meets nothing.
 */
import type * as PgClient from "@effect/sql-pg/PgClient"
import type { Bus } from "@kanau/messaging"
import { Effect } from "effect"
import type { SqlError } from "effect/sql"

/** A message in hand. */
export interface Row {
  readonly seq: bigint
  readonly queue: string
  readonly owner: bigint
  readonly takes: number
  readonly attempt: number
  readonly due_at: Date | null
  readonly attributes: string
  readonly data: Uint8Array
}

/** A message on its way into the queues of its type. */
export interface Outgoing {
  readonly type: string
  readonly attributes: string
  readonly data: Uint8Array
}

/** What is to become of a message in hand; `release` gives it back as it was. */
export interface Outcome {
  readonly row: Row
  readonly settlement: Bus.Settlement | { readonly _tag: "Release" }
}

/** How many messages a queue's consumers take now. */
export interface Wish {
  readonly queue: string
  readonly free: number
}

/** A queue that has something to do now, or in so many milliseconds. */
export interface Work {
  readonly queue: string
  readonly millis: number
}

type Statement<A> = Effect.Effect<A, SqlError.SqlError>

export interface Store {
  readonly declare: (queue: string, types: ReadonlyArray<string>) => Statement<void>
  readonly exists: (queue: string) => Statement<boolean>
  /** The queues each message went to, in the order of the messages. */
  readonly publish: (messages: ReadonlyArray<Outgoing>) => Statement<ReadonlyArray<ReadonlyArray<string>>>
  /** False when there is no such queue. */
  readonly send: (queue: string, attributes: string, data: Uint8Array) => Statement<boolean>
  readonly status: (queue: string) => Statement<Bus.QueueStatus | undefined>
  /** Takes part as an owner. */
  readonly join: (queues: ReadonlyArray<string>) => Statement<bigint>
  /**
   * Renews an owner, gives back what owners that are gone had in hand, and says which queues have something to do.
   * Undefined when the owner itself is gone.
   */
  readonly beat: (owner: bigint, queues: ReadonlyArray<string>) => Statement<ReadonlyArray<Work> | undefined>
  /** Gives back all an owner has. */
  readonly leave: (owner: bigint) => Statement<void>
  /** Takes what is ready, retries that are due first, in the order of each queue, and says when the next retry is due. */
  readonly take: (
    owner: bigint,
    wishes: ReadonlyArray<Wish>
  ) => Statement<{ readonly rows: ReadonlyArray<Row>; readonly next: ReadonlyArray<Work> }>
  readonly settle: (outcomes: ReadonlyArray<Outcome>) => Statement<void>
  /** Dead letters, oldest first. */
  readonly dead: (queue: string, limit: number) => Statement<ReadonlyArray<DeadRow>>
  readonly forget: (id: bigint) => Statement<void>
  /** Which of these queues have dead letters. */
  readonly withDead: (queues: ReadonlyArray<string>) => Statement<ReadonlyArray<string>>
}

/** A stored dead letter. */
export interface DeadRow {
  readonly id: bigint
  readonly died_at: Date
  readonly attempts: number
  readonly failure: string
  readonly attributes: string
  readonly data: Uint8Array
}

export const make = (sql: PgClient.PgClient, leaseSeconds: number): Store => {
  const until = sql`now() + make_interval(secs => ${leaseSeconds}::double precision)`
  // An owner far ahead was written before the database's clock was set back.
  const isGone = sql.literal("(expires_at < now() or expires_at > now() + interval '1 day')")

  return {
    declare: (queue, types) =>
      Effect.asVoid(sql`
        with declared as (insert into kanau.bus_queues (name) values (${queue}) on conflict do nothing)
        insert into kanau.bus_bindings (type, queue)
        select type, ${queue} from unnest(${[...types]}::text[]) as type order by type on conflict do nothing`),

    exists: (queue) =>
      Effect.map(sql`select 1 as found from kanau.bus_queues where name = ${queue}`, (rows) => rows.length > 0),

    publish: (messages) =>
      Effect.map(
        sql<{ n: number; queue: string }>`
          with bound as materialized (
            select n, queue
            from unnest(${messages.map(({ type }) => type)}::text[]) with ordinality as given(type, n)
            join kanau.bus_bindings using (type)
          ), stored as (
            insert into kanau.bus_messages (queue, attributes, data)
            select queue, attributes, data
            from unnest(${messages.map(({ attributes }) => attributes)}::text[],
              ${messages.map(({ data }) => data)}::bytea[]) with ordinality as given(attributes, data, n)
            join bound using (n) order by n, queue
          )
          select n::integer, queue from bound`,
        (rows) => {
          const queues = messages.map((): Array<string> => [])
          for (const { n, queue } of rows) queues[n - 1]?.push(queue)
          return queues
        }
      ),

    send: (queue, attributes, data) =>
      Effect.map(
        sql`insert into kanau.bus_messages (queue, attributes, data)
          select name, ${attributes}, ${data}::bytea from kanau.bus_queues where name = ${queue} returning seq`,
        (rows) => rows.length > 0
      ),

    status: (queue) =>
      Effect.map(
        sql<Bus.QueueStatus>`
          select
            (select count(*) from kanau.bus_messages where queue = name and owner is null and due_at is null)::integer
              + (select count(*) from kanau.bus_messages
                where queue = name and owner is null and due_at <= now())::integer as ready,
            (select count(*) from kanau.bus_messages
              where queue = name and owner is null and due_at > now())::integer as delayed,
            (select count(*) from kanau.bus_dead_letters letter where letter.queue = name)::integer as "deadLetters",
            (select count(*) from kanau.bus_owners, unnest(queues) as consumed
              where consumed = name and not ${isGone})::integer as consumers
          from kanau.bus_queues where name = ${queue}`,
        ([row]) => row
      ),

    join: (queues) =>
      Effect.flatMap(
        sql<{ owner: bigint }>`
          insert into kanau.bus_owners (expires_at, queues) values (${until}, ${[...queues]}::text[]) returning owner`,
        ([row]) =>
          row === undefined ? Effect.die(new Error("an inserted row was not returned")) : Effect.succeed(row.owner)
      ),

    beat: (owner, queues) =>
      Effect.map(
        sql<{ queue: string | null; millis: number | null }>`
          with renewed as (
            update kanau.bus_owners set expires_at = ${until}, queues = ${[...queues]}::text[]
            where owner = ${owner} returning 1
          ), expired as (
            delete from kanau.bus_owners where owner in (
              select owner from kanau.bus_owners where ${isGone} and owner <> ${owner} for update skip locked
            ) returning owner
          ), gone as materialized (
            select owner from expired
            union
            select owner from kanau.bus_messages m
            where owner is not null and not exists (select 1 from kanau.bus_owners o where o.owner = m.owner)
          ), freed as (
            update kanau.bus_messages set owner = null where seq = any(array(
              select seq from kanau.bus_messages where owner in (select owner from gone) for update skip locked
            )) returning queue
          ), work as (
            select name, case when
                exists (select 1 from kanau.bus_messages where queue = name and owner is null and due_at is null)
                or exists (select 1 from freed where freed.queue = name)
              then 0 else (
                select greatest(0, ceil(extract(epoch from due_at - now()) * 1000)) from kanau.bus_messages
                where queue = name and owner is null and due_at is not null order by due_at limit 1
              ) end as millis
            from (select distinct name from unnest(${[...queues]}::text[]) as name) consumed
          )
          select name as queue, millis::double precision from renewed left join work on millis is not null`,
        (rows) =>
          rows.length === 0
            ? undefined
            : rows.flatMap(({ millis, queue }) => queue === null || millis === null ? [] : [{ queue, millis }])
      ),

    leave: (owner) =>
      Effect.asVoid(sql`
        with gone as (delete from kanau.bus_owners where owner = ${owner})
        update kanau.bus_messages set owner = null where owner = ${owner}`),

    take: (owner, wishes) =>
      Effect.map(
        sql<{ next_queue: string; millis: number | null } & (Row | { readonly seq: null })>`
          with wishes as (
            select queue, free
            from unnest(${wishes.map(({ queue }) => queue)}::text[], ${wishes.map(({ free }) => free)}::integer[])
              as wish(queue, free)
            where exists (select 1 from kanau.bus_owners where owner = ${owner})
          ), picked as materialized (
            select picked.seq from wishes cross join lateral (
              select seq from (
                select * from (
                  select 0 as rank, seq, due_at from kanau.bus_messages m
                  where m.queue = wishes.queue and owner is null and due_at <= now()
                  order by due_at, seq limit wishes.free for update skip locked
                ) due
                union all
                select * from (
                  select 1 as rank, seq, due_at from kanau.bus_messages m
                  where m.queue = wishes.queue and owner is null and due_at is null
                  order by seq limit wishes.free for update skip locked
                ) fresh
              ) ready order by rank, due_at, seq limit wishes.free
            ) picked
          ), taken as (
            update kanau.bus_messages set owner = ${owner}, takes = takes + 1
            where seq = any(array(select seq from picked))
            returning *
          ), next as (
            select wishes.queue as next_queue, ceil(extract(epoch from due_at - now()) * 1000) as millis
            from wishes left join lateral (
              select due_at from kanau.bus_messages m
              where m.queue = wishes.queue and owner is null and due_at > now() order by due_at limit 1
            ) soonest on true
          )
          select next_queue, millis::double precision, seq, queue, owner, takes, attempt, due_at, attributes, data
          from next left join taken on taken.queue = next_queue`,
        (rows) => {
          const next = new Map(rows.map(({ millis, next_queue }) => [next_queue, millis]))
          return {
            rows: rows.filter((row): row is typeof row & Row => row.seq !== null).toSorted(inOrder),
            next: [...next].flatMap(([queue, millis]) => millis === null ? [] : [{ queue, millis }])
          }
        }
      ),

    settle: (outcomes) => {
      const failures = outcomes.map(({ settlement }) =>
        "failure" in settlement ? JSON.stringify(settlement.failure) : ""
      )
      const delays = outcomes.map(({ settlement }) =>
        settlement._tag === "Retry" ? Math.max(0, Math.ceil(settlement.delayMillis)) : 0
      )
      return Effect.asVoid(sql`
        with given as materialized (
          select * from unnest(${outcomes.map(({ row }) => row.seq)}::bigint[],
            ${outcomes.map(({ row }) => row.owner)}::bigint[], ${outcomes.map(({ row }) => row.takes)}::integer[],
            ${outcomes.map(({ settlement }) => settlement._tag)}::text[], ${delays}::bigint[], ${failures}::text[])
            with ordinality as outcome(seq, owner, takes, kind, delay, failure, n)
        ), removed as (
          delete from kanau.bus_messages m using given
          where m.seq = given.seq and m.owner = given.owner and m.takes = given.takes
            and given.kind in ('Ack', 'DeadLetter')
          returning m.queue, m.attempt, m.attributes, m.data, given.kind, given.failure, given.n
        ), buried as (
          insert into kanau.bus_dead_letters (queue, attempts, failure, attributes, data)
          select queue, attempt, failure, attributes, data from removed where kind = 'DeadLetter' order by n
        )
        update kanau.bus_messages m set owner = null,
          attempt = attempt + (given.kind = 'Retry')::integer,
          due_at = case when given.kind = 'Retry' then now() + make_interval(secs => given.delay / 1000.0) else due_at end
        from given
        where m.seq = given.seq and m.owner = given.owner and m.takes = given.takes
          and given.kind in ('Retry', 'Release')`)
    },

    dead: (queue, limit) =>
      sql<DeadRow>`
        select id, died_at, attempts, failure, attributes, data from kanau.bus_dead_letters
        where queue = ${queue} order by id limit ${limit}`,

    forget: (id) => Effect.asVoid(sql`delete from kanau.bus_dead_letters where id = ${id}`),

    withDead: (queues) =>
      Effect.map(
        sql<{ name: string }>`select name from unnest(${[...queues]}::text[]) as name
          where exists (select 1 from kanau.bus_dead_letters where queue = name)`,
        (rows) => rows.map(({ name }) => name)
      )
  }
}

const inOrder = (a: Row, b: Row): number =>
  (a.due_at?.getTime() ?? Infinity) - (b.due_at?.getTime() ?? Infinity) || (a.seq < b.seq ? -1 : 1)

/** Statements of processes that take messages: as owners they have rows in hand, and give them back settled or not. */
import type * as PgClient from "@effect/sql-pg/PgClient"
import { Effect } from "effect"
import type { Statement as Sql } from "effect/sql"
import type { Outcome, Row, Statement, Wish, Work } from "./store.ts"

export interface Lending {
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
  /** Gives back what an owner took without knowing it, because the answer was lost: all but these. */
  readonly giveBackStrays: (owner: bigint, inHand: ReadonlyArray<Row>) => Statement<void>
  readonly settle: (outcomes: ReadonlyArray<Outcome>) => Statement<void>
}

export const lending = (sql: PgClient.PgClient, { isGone, until }: {
  /** Of an owner: whether it stopped renewing. */
  readonly isGone: Sql.Fragment
  /** When an owner that renews now expires. */
  readonly until: Sql.Fragment
}): Lending => ({
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

  giveBackStrays: (owner, inHand) =>
    Effect.asVoid(sql`
      update kanau.bus_messages m set owner = null
      where owner = ${owner} and not exists (
        select 1 from unnest(${inHand.map(({ seq }) => seq)}::bigint[], ${
      inHand.map(({ takes }) => takes)
    }::integer[]) as hand(seq, takes)
        where hand.seq = m.seq and hand.takes = m.takes
      )`),

  settle: (outcomes) => {
    const failures = outcomes.map(({ settlement }) => "failure" in settlement ? JSON.stringify(settlement.failure) : "")
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
  }
})

const inOrder = (a: Row, b: Row): number =>
  (a.due_at?.getTime() ?? Infinity) - (b.due_at?.getTime() ?? Infinity) || (a.seq < b.seq ? -1 : 1)

/** Statements that put messages into queues and look at what is there. */
import type * as PgClient from "@effect/sql-pg/PgClient"
import type { Bus } from "@kanau/messaging"
import { Effect } from "effect"
import type { Statement as Sql } from "effect/sql"
import type { DeadRow, Outgoing, Statement } from "./store.ts"

export interface Storing {
  readonly declare: (queue: string, types: ReadonlyArray<string>) => Statement<void>
  readonly exists: (queue: string) => Statement<boolean>
  /** The queues each message went to, in the order of the messages. */
  readonly publish: (messages: ReadonlyArray<Outgoing>) => Statement<ReadonlyArray<ReadonlyArray<string>>>
  /** False when there is no such queue. */
  readonly send: (queue: string, attributes: string, data: Uint8Array) => Statement<boolean>
  readonly status: (queue: string) => Statement<Bus.QueueStatus | undefined>
  /** Dead letters, oldest first. */
  readonly dead: (queue: string, limit: number) => Statement<ReadonlyArray<DeadRow>>
  readonly forget: (id: bigint) => Statement<void>
  /** Which of these queues have dead letters. */
  readonly withDead: (queues: ReadonlyArray<string>) => Statement<ReadonlyArray<string>>
}

export const storing = (sql: PgClient.PgClient, isGone: Sql.Fragment): Storing => ({
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
})

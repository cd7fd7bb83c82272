/** What the outbox costs a transaction, and the inbox a batch. */
import { compare, type Options } from "./compare.ts"
import { database, type Servers } from "./servers.ts"
import { launch } from "./subjects.ts"

export const producing = async (bench: string, servers: Servers, options: Options): Promise<void> => {
  const count = options.quick ? 4000 : 10_000
  const own = await database(servers.postgres.url, "producer", true)
  await own.query("create table notes (id integer primary key, n integer not null)")
  await own.query("insert into notes select id, 0 from generate_series(0, 999) id")
  const producer = await launch("producer", { DATABASE_URL: own.url })
  const round = (append: boolean) => async () => {
    await own.query("truncate kanau.events, kanau.pending")
    await own.query("vacuum (analyze) notes")
    const done = await producer.ask({ append, count })
    const [row] = await own.query<{ readonly n: string }>("select count(*) as n from kanau.pending")
    if (row?.n !== String(append ? count : 0)) throw new Error(`${row?.n} events are pending`)
    return done
  }
  await compare({
    bench,
    case: "transaction with outbox",
    rounds: options.quick ? 3 : 5,
    time: true,
    ours: round(true),
    peers: [{ name: "the same without", round: round(false), goal: { atMost: 1.35 } }]
  })
  await Promise.all([producer.child.stop(), own.close()])
}

export const inboxing = async (bench: string, servers: Servers, options: Options): Promise<void> => {
  const count = options.quick ? 10_000 : 20_000
  const own = await database(servers.postgres.url, "inbox", true)
  await own.query("create table noted (id text not null, n integer not null, text text not null)")
  await own.query("create index on noted (id)")
  const inbox = await launch("inbox", { DATABASE_URL: own.url })
  const round = (on: boolean) => async () => {
    await own.query("truncate kanau.inbox, noted")
    const done = await inbox.ask({ count, inbox: on })
    const [row] = await own.query<{ readonly n: string }>("select count(*) as n from noted")
    if (row?.n !== String(count)) throw new Error(`${row?.n} effects instead of ${count}`)
    return done
  }
  await compare({
    bench,
    case: "effect with inbox, batches of 100",
    rounds: options.quick ? 3 : 5,
    time: true,
    ours: round(true),
    peers: [{ name: "the same without", round: round(false), goal: { atMost: 1.3 } }]
  })
  await Promise.all([inbox.child.stop(), own.close()])
}

/** The tables of the embedded bus and every statement on them. Synchronous; one process per file. */
import { Fault } from "@kanau/core"
import { Effect } from "effect"
import { mkdirSync } from "node:fs"
import { dirname } from "node:path"
import { DatabaseSync } from "node:sqlite"
import type { DeadLetter, Failure, QueueStatus } from "../Bus.ts"

/** A place in a queue: what is due earlier comes first, then what was stored earlier. */
export interface Place {
  readonly due: number
  readonly seq: number
}

/** A stored message. */
export interface Row extends Place {
  readonly attempt: number
  readonly attributes: string
  readonly data: Uint8Array
}

const schema = `
  pragma journal_mode = wal;
  pragma synchronous = full;
  pragma locking_mode = exclusive;
  create table if not exists queue (name text primary key) strict;
  create table if not exists binding (queue text, type text, primary key (queue, type)) strict;
  create table if not exists message (
    seq integer primary key autoincrement, queue text not null, due integer not null, attempt integer not null,
    attributes text not null, data blob not null) strict;
  create index if not exists message_place on message (queue, due, seq);
  create table if not exists dead (
    seq integer primary key autoincrement, queue text not null, attempts integer not null, attributes text not null,
    data blob not null, reason text not null, error text not null, time text not null) strict;
  create index if not exists dead_queue on dead (queue, seq);
`

/** Opens the file, creating it and its folder if need be. */
export const open = (file: string) => {
  if (file !== ":memory:") mkdirSync(dirname(file), { recursive: true })
  const db = new DatabaseSync(file)
  db.exec(schema)
  const addQueue = db.prepare("insert or ignore into queue values (?)")
  const addBinding = db.prepare("insert or ignore into binding values (?, ?)")
  const insert = db.prepare("insert into message (queue, due, attempt, attributes, data) values (?, ?, ?, ?, ?)")
  const again = db.prepare(
    `insert into message (queue, due, attempt, attributes, data)
     select queue, ?, attempt + 1, attributes, data from message where seq = ?`
  )
  const remove = db.prepare("delete from message where seq = ?")
  const bury = db.prepare(
    `insert into dead (queue, attempts, attributes, data, reason, error, time)
     select queue, attempt, attributes, data, ?, ?, ? from message where seq = ?`
  )
  const ready = db.prepare(
    `select seq, due, attempt, attributes, data from message
     where queue = ? and (due, seq) > (?, ?) and due <= ? order by due, seq limit ?`
  )
  const nextDue = db.prepare("select min(due) as due from message where queue = ? and due > ?")
  const dead = db.prepare("select * from dead where queue = ? and seq > ? order by seq limit ?")
  const forget = db.prepare("delete from dead where seq = ?")
  const count = db.prepare(
    `select count(*) filter (where due <= ?2) as ready, count(*) filter (where due > ?2) as delayed,
       (select count(*) from dead where queue = ?1) as deadLetters
     from message where queue = ?1`
  )

  return {
    queues: (): ReadonlyArray<string> => db.prepare("select name from queue").all().map((row) => String(row["name"])),
    bindings: (): ReadonlyArray<{ readonly queue: string; readonly type: string }> =>
      db.prepare("select queue, type from binding").all().map((row) => ({
        queue: String(row["queue"]),
        type: String(row["type"])
      })),
    declare: (queue: string, types: ReadonlyArray<string>): void => {
      addQueue.run(queue)
      for (const type of types) addBinding.run(queue, type)
    },
    insert: (queue: string, due: number, attributes: string, data: Uint8Array): void =>
      void insert.run(queue, due, 1, attributes, data),
    remove: (seq: number): void => void remove.run(seq),
    retry: (seq: number, due: number): void => {
      again.run(due, seq)
      remove.run(seq)
    },
    bury: (seq: number, failure: Failure, time: string): void => {
      bury.run(failure.reason, failure.error, time, seq)
      remove.run(seq)
    },
    /** What is due by `now`, behind `after`. */
    ready: (queue: string, after: Place, now: number, limit: number): ReadonlyArray<Row> =>
      // The columns are the members of Row, and the tables are strict.
      ready.all(queue, after.due, after.seq, now, limit) as unknown as ReadonlyArray<Row>,
    /** When the first message that is not due by `now` will be. */
    nextDue: (queue: string, now: number): number | undefined => {
      const due = nextDue.get(queue, now)?.["due"]
      return typeof due === "number" ? due : undefined
    },
    /** Dead letters behind number `after`, each with its own number. */
    dead: (queue: string, after: number, limit: number): ReadonlyArray<readonly [number, DeadLetter]> =>
      dead.all(queue, after, limit).map((row) => [Number(row["seq"]), {
        id: `${String(row["seq"])}-${String(row["time"])}`,
        queue,
        at: Date.parse(String(row["time"])),
        attributes: JSON.parse(String(row["attributes"])) as Record<string, string>,
        data: row["data"] as Uint8Array,
        attempts: Number(row["attempts"]),
        failure: { reason: row["reason"] as Failure["reason"], error: String(row["error"]) }
      }]),
    forget: (seq: number): void => void forget.run(seq),
    count: (queue: string, now: number): Omit<QueueStatus, "consumers"> =>
      // The columns are the members.
      count.get(queue, now) as unknown as Omit<QueueStatus, "consumers">,
    transaction: (statements: () => void): void => {
      db.exec("begin immediate")
      try {
        statements()
        db.exec("commit")
      } catch (error) {
        db.exec("rollback")
        throw error
      }
    },
    isOpen: (): boolean => db.isOpen,
    close: () => db.close()
  }
}

export type Store = ReturnType<typeof open>

/** The fault of a statement that threw: full disk, file in use, file that is no database. */
export const unavailable = (cause: unknown): Fault.Unavailable =>
  new Fault.Unavailable({ dependency: "embedded bus", reason: cause instanceof Error ? cause.message : "unknown" })

/** Commits everything that is asked for in the same tick in one transaction; each call succeeds after the commit. */
export const committer = (store: Store) => {
  let waiting: Array<
    { readonly write: () => void; readonly resume: (done: Effect.Effect<void, Fault.Unavailable>) => void }
  > = []
  const flush = (): void => {
    const batch = waiting
    waiting = []
    let done: Effect.Effect<void, Fault.Unavailable> = Effect.void
    try {
      if (batch.length > 0) {
        store.transaction(() => {
          for (const { write } of batch) write()
        })
      }
    } catch (error) {
      done = Effect.fail(unavailable(error))
    }
    for (const { resume } of batch) resume(done)
  }
  return {
    flush,
    commit: (write: () => void): Effect.Effect<void, Fault.Unavailable> =>
      Effect.callback<void, Fault.Unavailable>((resume) => {
        if (waiting.push({ write, resume }) === 1) queueMicrotask(flush)
      })
  }
}

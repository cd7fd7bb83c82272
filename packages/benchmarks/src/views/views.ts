/**
 * `bench views`: what deriving pages costs. One view-manager as a process, on real PostgreSQL and RabbitMQ; the view store
 * is MongoDB where there is one, otherwise the stand-in (a process of its own that does more work per document).
 *
 * - deriving: documents derived and written per second, a batch of 200 beside one at a time, on eight fibers each.
 * - rebuilding: documents per second and the memory of the view-manager, from a thousand documents to a hundred thousand.
 * - hot: 500 edits a second of one document; how long after its commit an edit, or a later one, is in the store.
 */
import { Envelope } from "@kanau/core"
import { Bus } from "@kanau/messaging"
import { Rooms } from "@kanau/testing"
import { Generations, Rebuild, Refresh, ViewStore } from "@kanau/views"
import { Effect, ManagedRuntime } from "effect"
import { SqlClient } from "effect/sql"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { type Child, start } from "../child.ts"
import { percentile, report } from "../report.ts"
import { connected, NoteEdited, noteView, type Places } from "./note.ts"

const bench = "views"

type World = ManagedRuntime.ManagedRuntime<
  Bus.Bus | ViewStore.ViewStore | SqlClient.SqlClient,
  unknown
>

export const views = async (options: { readonly quick: boolean }): Promise<void> => {
  const rooms = await Rooms.start(fileURLToPath(new URL("../../../..", import.meta.url)))
  const [postgres, rabbitmq, mongodb] = await Promise.all(
    (["postgres", "rabbitmq", "mongodb"] as const).map(rooms.open)
  )
  const places = {
    DATABASE_URL: postgres?.url ?? "",
    AMQP_URL: rabbitmq?.url ?? "",
    MONGODB_URL: mongodb?.url ?? "",
    MONGODB_DATABASE: mongodb?.name ?? ""
  } satisfies Places
  const world = ManagedRuntime.make(connected(places))
  try {
    const sizes = options.quick ? [500, 5000] : [1000, 10_000, 100_000]
    await world.runPromise(fill(Math.max(...sizes)))
    await deriving(world, options.quick ? 2 : 5)
    for (const size of sizes) await rebuilding(world, places, size)
    await hot(world, places, options.quick ? 3 : 20)
  } finally {
    await world.dispose()
    await rooms.stop()
  }
}

const fill = (notes: number) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.andThen(
      sql`create table notes (id text primary key, title text not null, edits integer not null, body text not null)`,
      sql`insert into notes select 'n' || lpad(at::text, 7, '0'), 'note ' || at, 0, repeat(md5(at::text), 60)
        from generate_series(1, ${notes}::int) at`
    ))

const ids = (from: number, count: number) =>
  Array.from({ length: count }, (_, at) => `n${String(from + at).padStart(7, "0")}`)

/** Every round derives other documents, so that all are written. */
const deriving = async (world: World, rounds: number) => {
  const perSecond = async (from: number, count: number, size: number) => {
    const all = ids(from, count)
    const batches = Array.from({ length: count / size }, (_, at) => all.slice(at * size, (at + 1) * size))
    const begin = performance.now()
    await world.runPromise(
      Effect.forEach(batches, (batch) => Refresh.documents(noteView, batch), { concurrency: 8, discard: true })
    )
    return count / (performance.now() - begin) * 1000
  }
  const batched: Array<number> = []
  const single: Array<number> = []
  for (let round = 0; round < rounds; round++) {
    batched.push(await perSecond(1, 400, 200))
    single.push(await perSecond(1, 400, 1))
  }
  report({
    bench,
    case: "derived and written",
    unit: "documents/s",
    ours: batched,
    peer: { name: "one at a time", rounds: single }
  })
}

const rebuilding = async (world: World, places: Places, size: number) => {
  await world.runPromise(Effect.flatMap(
    SqlClient.SqlClient,
    (sql) =>
      Effect.andThen(
        sql`create table if not exists all_notes as table notes`,
        Effect.andThen(
          sql`truncate notes`,
          sql`insert into notes select * from all_notes order by id limit ${size}`
        )
      )
  ))
  const manager = await startManager(places)
  let peak = 0
  const looking = setInterval(() => peak = Math.max(peak, residentMegabytes(manager.pid)), 50)
  const begin = performance.now()
  const { documents } = await world.runPromise(Rebuild.run(noteView))
  const seconds = (performance.now() - begin) / 1000
  clearInterval(looking)
  await manager.stop()
  await world.runPromise(Rebuild.dropPrevious(noteView))
  report({ bench, case: `rebuilt, of ${documents}`, unit: "documents/s", ours: [documents / seconds] })
  report({ bench, case: `view-manager, rebuild of ${documents}`, unit: "MB RSS", ours: [peak] })
}

/** Edits that are not counted, while the view-manager gets up to speed. */
const warmUp = 1000

/** One edit after the other, each a commit and an event; a reader looks all the time. */
const hot = async (world: World, places: Places, seconds: number) => {
  const [id = ""] = ids(1, 1)
  const manager = await startManager(places)
  const committedAt: Array<number> = []
  const edit = Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const bus = yield* Bus.Bus
    const rows = yield* sql<{ edits: number }>`update notes set edits = edits + 1 where id = ${id} returning edits`
    committedAt[rows[0]?.edits ?? 0] = performance.now()
    yield* bus.publish(yield* Envelope.make(new NoteEdited({ id }), { source: "/bench" }))
  })
  const waits: Array<number> = []
  const reading = { shown: 0, on: true }
  const look = async () => {
    while (reading.on || reading.shown < committedAt.length - 1) {
      const collection = await world.runPromise(liveCollection)
      const [document] = await world.runPromise(
        Effect.flatMap(ViewStore.ViewStore, (store) => store.getMany(collection, [id]))
      )
      const now = performance.now()
      for (let edits = reading.shown + 1; edits <= (document?.revision ?? 0); edits++) {
        if (edits > warmUp) waits.push(now - (committedAt[edits] ?? now))
      }
      reading.shown = Math.max(reading.shown, document?.revision ?? 0)
    }
  }
  const reader = look()
  const begin = performance.now()
  const editing: Array<Promise<void>> = []
  for (let at = 0; at < warmUp + seconds * 500; at++) {
    const wait = begin + at * 2 - performance.now()
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
    editing.push(world.runPromise(edit))
  }
  await Promise.all(editing)
  const rate = editing.length / (performance.now() - begin) * 1000
  reading.on = false
  await reader
  await manager.stop()
  report({ bench, case: "hot document, edits", unit: "edits/s", ours: [rate] })
  report({ bench, case: "hot document, commit to visible, p50", unit: "ms", ours: [percentile(waits, 0.5)] })
  report({ bench, case: "hot document, commit to visible, p99", unit: "ms", ours: [percentile(waits, 0.99)] })
}

const liveCollection = Effect.map(Generations.read("note"), ({ live }) => Generations.collection("note", live))

const startManager = (places: Places): Promise<Child> => start(new URL("./manager.ts", import.meta.url), { ...places })

/** What the process holds in memory now. */
const residentMegabytes = (pid: number): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024

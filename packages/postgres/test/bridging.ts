/** What the tests of the bridge share: a table, a source that runs, and what it published. */
import type * as PgClient from "@effect/sql-pg/PgClient"
import { assert, it } from "@effect/vitest"
import type { Envelope } from "@kanau/core"
import type { Bus } from "@kanau/messaging"
import { Effect, Fiber, Layer, type Scope } from "effect"
import { SqlClient } from "effect/sql"
import type { ChangeBridge } from "../src/index.ts"
import { recording, reset } from "./relaying.ts"

/** A change as consumers read it. */
export interface Change {
  readonly id: string
  readonly subject: string
  readonly operation: string
  readonly table: string
  readonly key: Readonly<Record<string, unknown>> | null
  readonly new: Readonly<Record<string, unknown>> | null
  readonly old: Readonly<Record<string, unknown>> | null
  readonly changed: ReadonlyArray<string> | null
  readonly unchanged: ReadonlyArray<string>
  readonly order: string
}

const changeOf = ({ data, id, subject }: Envelope.Envelope): Change => ({
  id,
  subject,
  ...JSON.parse(new TextDecoder().decode(data)) as Omit<Change, "id" | "subject">
})

/** The changes at their first delivery. */
export const firsts = (confirmed: ReadonlyArray<Envelope.Envelope>): ReadonlyArray<Change> => {
  const seen = new Set<string>()
  return confirmed.filter(({ id }) => !seen.has(id) && seen.add(id)).map(changeOf)
}

/** In the order of `order`. What became of one row under two keys may have one place in the order. */
export const byOrder = (a: Change, b: Change): number =>
  Number(BigInt(a.order) - BigInt(b.order)) || a.operation.localeCompare(b.operation)

type Run = Effect.Effect<never, unknown, Bus.Bus | PgClient.PgClient>

export interface Source {
  readonly name: string
  /** What its bridges are called. */
  readonly bridge: string
  /** Starts the bridge, and succeeds when it captures; it is stopped and removed when the scope closes. */
  readonly start: (bridge: ChangeBridge.Bridge) => {
    readonly run: Run
    readonly ready: Effect.Effect<unknown, unknown, SqlClient.SqlClient>
    readonly remove: Effect.Effect<unknown, unknown, PgClient.PgClient>
  }
}

/** A bridge that runs until the scope closes. */
export const bridging = (source: Source, bridge: ChangeBridge.Bridge) =>
  Effect.gen(function*() {
    const { ready, remove, run } = source.start(bridge)
    const fiber = yield* Effect.acquireRelease(
      Effect.forkChild(run),
      (fiber) => Effect.andThen(Fiber.interrupt(fiber), Effect.orDie(remove))
    )
    yield* Effect.raceFirst(ready, Fiber.join(fiber))
    return fiber
  })

/** Waits, bounded, for a condition on what this process has seen. */
export const until = (condition: () => boolean) =>
  Effect.sync(condition).pipe(
    Effect.delay("10 millis"),
    Effect.repeat({ until: (holds) => holds }),
    Effect.timeout("15 seconds")
  )

const numbered = (changes: ReadonlyArray<Change>): ReadonlyMap<string, ReadonlyArray<unknown>> =>
  new Map(
    [...Map.groupBy(changes, ({ subject }) => subject)].map(([subject, own]) => [
      subject,
      own.map((change) => change.new?.["n"])
    ])
  )

/** `0 … rounds` for each of so many rows. */
export const inOrder = (changes: ReadonlyArray<Change>, rows: number, rounds: number) => {
  const seen = numbered(changes)
  assert.strictEqual(seen.size, rows)
  for (const [, values] of seen) assert.deepStrictEqual(values, Array.from({ length: rounds + 1 }, (_, at) => at))
}

type Database = Layer.Layer<SqlClient.SqlClient | PgClient.PgClient, unknown>

/** Declares a test with a bus of its own. */
export const tester = (layer: Database) =>
<A, E>(
  title: string,
  body: (
    bus: ReturnType<typeof recording>
  ) => Effect.Effect<A, E, SqlClient.SqlClient | Bus.Bus | PgClient.PgClient | Scope.Scope>,
  millis = 60_000
): void => {
  const bus = recording()
  it.live(
    title,
    () => body(bus).pipe(Effect.scoped, Effect.provide(Layer.merge(layer, bus.layer))) as Effect.Effect<A, unknown>,
    millis
  )
}

export const orders = { table: "public.orders", key: ["id"], prefix: "shop.order" } as const

/** An empty table of orders, and none of the others. */
export const prepared = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* reset
  yield* sql`drop table if exists orders, lines, people, elsewhere, "we""ird"."ta.ble'\\", anything cascade`
  yield* sql`create table orders (id integer primary key, n integer not null default 0, note text)`
  yield* sql`alter table orders replica identity full`
  return sql
})

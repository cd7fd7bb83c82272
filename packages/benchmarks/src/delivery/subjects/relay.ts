/** `Relay.run` on what is pending; the bus and the pool stay connected between rounds. */
import { Bus } from "@kanau/messaging"
import { Relay } from "@kanau/postgres"
import { Effect, Fiber, Layer, ManagedRuntime } from "effect"
import { SqlClient } from "effect/sql"
import { busAt, databaseAt, environment } from "../connections.ts"
import { queue } from "../messages.ts"
import type { Round } from "../round.ts"
import { stopwatch } from "../round.ts"

export const prepare = async () => {
  const runtime = ManagedRuntime.make(
    Layer.merge(databaseAt(environment("DATABASE_URL")), busAt(environment("BUS_URL")))
  )
  await runtime.runPromise(Effect.flatMap(Bus.Bus, (bus) => bus.declare(queue)))
  return ({ count, last }: { readonly count: number; readonly last: string }): Promise<Round> =>
    runtime.runPromise(Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const stop = stopwatch()
      const relaying = yield* Effect.forkChild(Relay.run)
      // The last event leaves the list in the last statement: pages leave it one after the other.
      while ((yield* sql`select 1 as waits from kanau.pending where position = ${last}::bigint`).length > 0) {
        yield* Effect.sleep("20 millis")
      }
      const round = stop(count)
      yield* Fiber.interrupt(relaying)
      const [left] = yield* sql<{ n: bigint }>`
        select (select count(*) from kanau.pending) + (select count(*) from kanau.parked) as n`
      return Number(left?.n) === 0 ? round : yield* Effect.die(new Error(`${left?.n} events were not relayed`))
    }))
}

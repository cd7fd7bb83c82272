/** Transactions that update a row, eight at a time, with an event appended in them or without. */
import "effect/schema/SchemaJITCompiler/enable"
import { Database, Outbox } from "@kanau/postgres"
import { Effect, ManagedRuntime } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import { databaseAt, environment } from "../connections.ts"
import { Noted } from "../messages.ts"
import type { Round } from "../round.ts"
import { stopwatch } from "../round.ts"

const concurrency = 8
const text = "x".repeat(250)

export const prepare = async () => {
  const runtime = ManagedRuntime.make(databaseAt(environment("DATABASE_URL")))
  return ({ append, count }: { readonly append: boolean; readonly count: number }): Promise<Round> =>
    runtime.runPromise(Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const outbox = yield* Outbox.Outbox
      const update = (n: number) => Effect.asVoid(sql`update notes set n = n + 1 where id = ${n % 1000}`)
      const change = (
        n: number
      ): Effect.Effect<unknown, Effect.Error<ReturnType<typeof outbox.append>> | SqlError.SqlError> =>
        append
          ? Effect.andThen(update(n), outbox.append(new Noted({ id: `v${n % 1000}`, n, text })))
          : update(n)
      let n = 0
      const stop = stopwatch()
      yield* Effect.forEach(
        Array.from({ length: concurrency }),
        () =>
          Effect.whileLoop({
            while: () => n < count,
            body: () => Database.transaction(change(n++)),
            step: () => undefined
          }),
        { concurrency, discard: true }
      )
      return stop(count)
    }))
}

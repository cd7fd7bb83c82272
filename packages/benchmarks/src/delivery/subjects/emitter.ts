/** Commits events at a steady rate, whether earlier ones have arrived or not; answers when each was committed. */
import "effect/schema/SchemaJITCompiler/enable"
import { Database, Outbox } from "@kanau/postgres"
import { Effect, ManagedRuntime } from "effect"
import { databaseAt, environment } from "../connections.ts"
import { Noted } from "../messages.ts"
import { monotonicMillis } from "../round.ts"

export const prepare = async () => {
  const runtime = ManagedRuntime.make(databaseAt(environment("DATABASE_URL")))
  const commit = (n: number) =>
    Effect.flatMap(
      Outbox.Outbox,
      (outbox) => Database.transaction(outbox.append(new Noted({ id: `v${n}`, n, text: "x".repeat(250) })))
    )
  return async ({ count, perSecond }: { readonly count: number; readonly perSecond: number }) => {
    const committed: Array<Promise<number>> = []
    const began = monotonicMillis()
    for (let n = 0; n < count; n++) {
      const wait = began + n * 1000 / perSecond - monotonicMillis()
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
      committed.push(runtime.runPromise(commit(n)).then(monotonicMillis))
    }
    return Promise.all(committed)
  }
}

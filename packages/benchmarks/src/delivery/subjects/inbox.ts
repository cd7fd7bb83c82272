/** Batches of a hundred messages whose effect inserts their rows in one transaction, with the inbox or without. */
import "effect/schema/SchemaJITCompiler/enable"
import { Layers } from "@kanau/core"
import { Consumer, Inbox } from "@kanau/messaging"
import { Database } from "@kanau/postgres"
import { Array as Arr, Effect, Exit, ManagedRuntime } from "effect"
import { SqlClient } from "effect/sql"
import { databaseAt, environment } from "../connections.ts"
import { envelope, Noted } from "../messages.ts"
import type { Round } from "../round.ts"
import { stopwatch } from "../round.ts"

const batch = { size: 100, age: "20 millis" } as const
/** As many messages in hand as a consumer with this prefetch. */
const inHand = 200

export const prepare = async () => {
  const runtime = ManagedRuntime.make(databaseAt(environment("DATABASE_URL")))
  const insert = (notes: Arr.NonEmptyReadonlyArray<Noted>) =>
    Effect.flatMap(SqlClient.SqlClient, (sql) =>
      Database.faults(Effect.asVoid(
        sql`insert into noted ${sql.insert(Arr.map(notes, ({ id, n, text }) => ({ id, n, text })))}`
      )))
  const bare = Layers.batch(batch)((notes: Arr.NonEmptyReadonlyArray<Noted>) =>
    Effect.as(Database.transaction(insert(notes)), notes.map(() => Exit.void))
  )
  const withInbox = Consumer.on(Noted, Inbox.deduplicateBatch("bench", batch)(insert))
  const without = Consumer.on(Noted, bare)
  return ({ count, inbox }: { readonly count: number; readonly inbox: boolean }): Promise<Round> => {
    const envelopes = Array.from({ length: count }, (_, n) => envelope(n))
    const { process } = inbox ? withInbox : without
    return runtime.runPromise(Effect.gen(function*() {
      const stop = stopwatch()
      yield* Effect.forEach(
        envelopes,
        (each) => Effect.provideService(process({ envelope: each, attempt: 1 }), Consumer.CurrentEnvelope, each),
        { concurrency: inHand, discard: true }
      )
      return stop(count)
    }))
  }
}

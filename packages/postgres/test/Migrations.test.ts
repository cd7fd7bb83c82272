import { assert, describe, it } from "@effect/vitest"
import { Inbox } from "@kanau/messaging"
import { Servers } from "@kanau/testing"
import { Effect, Fiber, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Database, Migrations, Outbox, PgInbox, Relay } from "../src/index.ts"
import { append, pendingReaches, recording, turnsOf } from "./relaying.ts"

const place = await Servers.postgresDatabase()

/** The first files, as a release that had no more would have run them. */
const first = (count: number) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const folder = mkdtempSync(join(tmpdir(), "kanau-migrations-"))
      for (const file of readdirSync(Migrations.kanau.folder).sort().slice(0, count)) {
        cpSync(join(Migrations.kanau.folder, file), join(folder, file))
      }
      return { ...Migrations.kanau, folder }
    }),
    ({ folder }) => Effect.sync(() => rmSync(folder, { recursive: true }))
  )

describe("migrations of a database that is in use", () => {
  it.live(
    "what the first release wrote is there after all later files, is relayed in order, and is not done twice",
    () => {
      const bus = recording()
      return Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        yield* Migrations.run(yield* first(3))
        yield* sql`insert into kanau.events (id, type, source, subject, version, time, correlation_id, idempotency_key, data)
        select 'old-' || n, 'test.moved', '/old', 'a', '1', now(), 'old', 'key-' || n,
          convert_to(json_build_object('piece', 'a', 'turn', n)::text, 'UTF8')
        from generate_series(1, 50) n`
        yield* sql`insert into kanau.pending (position, subject)
        select position, subject from kanau.events where position > 40`
        yield* sql`insert into kanau.inbox (consumer, message_id) values ('old', 'old-1')`
        const ran = yield* Migrations.run(Migrations.kanau)
        assert.isAbove(ran.length, 5)

        const relay = yield* Effect.forkChild(Relay.run)
        yield* append([["a", 51], ["b", 1]])
        yield* pendingReaches(0)
        yield* Fiber.interrupt(relay)
        assert.deepStrictEqual(turnsOf(bus.confirmed, "a"), Array.from({ length: 11 }, (_, at) => 41 + at))

        const inbox = yield* Inbox.Inbox
        assert.strictEqual(yield* inbox.once("old", "old-1", Effect.void), "duplicate")
        assert.strictEqual(yield* inbox.once("old", "old-2", Effect.void), "processed")
        const [kept] = yield* sql<{ events: number; keys: number }>`
        select (select count(*) from kanau.events)::integer as events,
          (select count(*) from kanau.event_keys)::integer as keys`
        assert.deepStrictEqual(kept, { events: 52, keys: 50 })
        assert.deepStrictEqual(yield* Migrations.run(Migrations.kanau), [])
      }).pipe(
        Effect.scoped,
        Effect.provide(
          Layer.mergeAll(bus.layer, Outbox.layer({ source: "/test" }), PgInbox.layer).pipe(
            Layer.provideMerge(Database.layer({ url: Redacted.make(place.url), applicationName: "test" }))
          )
        )
      )
    },
    60_000
  )
})

import { assert, describe, it } from "@effect/vitest"
import { Fault } from "@kanau/core"
import { Bus, Consumer, EmbeddedBus, Inbox } from "@kanau/messaging"
import { Effect, Fiber, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { DeadLetters, Ledger, Outbox, PgDeadLetters, PgInbox, Relay } from "../src/index.ts"
import { databases } from "./databases.ts"
import { append, eventually, Moved, pendingReaches, reset } from "./relaying.ts"

class NoPiece extends Fault.define<NoPiece>()("NoPiece", "not-found", {}, () => "There is no such piece.") {}

class Jammed extends Fault.define<Jammed>()("Jammed", "invariant", {}, () => "The piece does not move.") {}

/** Fails by the name of the piece. */
const handle = ({ piece }: Moved) =>
  piece === "gone" ? Effect.fail(new NoPiece()) : piece === "jammed" ? Effect.fail(new Jammed()) : Effect.void

const consumer = (process: (move: Moved) => Effect.Effect<void, NoPiece | Jammed>) =>
  Consumer.make({
    queue: "ledger",
    handlers: [Consumer.on(Moved, Inbox.deduplicate("ledger")(process), { errors: [NoPiece, Jammed] })]
  })

const account = { queue: "ledger", types: ["test.moved"], inbox: "ledger" }
const since = new Date(0)

const row = Effect.map(Ledger.rows([account], { since }), (rows) => rows[0])

const complaint = (graceSeconds = 60) =>
  Effect.map(Ledger.balances([account], { since, graceSeconds }), (balances) => balances[0]?.complaint)

for (const database of databases) {
  describe(`the ledger on ${database.name}`, () => {
    const services = Layer.mergeAll(
      PgInbox.layer,
      Outbox.layer({ source: "/test" }),
      EmbeddedBus.layer({ file: ":memory:" })
    ).pipe(Layer.provideMerge(database.layer))

    it.live(
      "NB-14 every event is in exactly one state on its way, and a lost one is named (MassTransit #4990)",
      () =>
        Effect.gen(function*() {
          const bus = yield* Bus.Bus
          const sql = yield* SqlClient.SqlClient
          yield* reset
          yield* sql`delete from kanau.inbox`
          assert.include(yield* complaint(), "nobody has declared")
          yield* Consumer.run(consumer(handle))
          yield* PgDeadLetters.collect(["ledger"])
          const relay = yield* Effect.forkChild(Relay.run)
          yield* append([["a", 1], ["b", 1], ["gone", 1], ["jammed", 1]])
          yield* eventually("(select count(*) from kanau.inbox) = 3")
          yield* eventually("(select count(*) from kanau.dead_letters where queue = 'ledger') = 1")
          yield* pendingReaches(0)
          yield* Fiber.interrupt(relay)
          yield* append([["a", 2]])
          assert.deepInclude(yield* row, {
            type: "test.moved",
            appended: 5,
            pending: 1,
            parked: 0,
            relayed: 4,
            processed: 2,
            discarded: 1,
            deadLetters: 1,
            open: 0
          })
          assert.isUndefined(yield* complaint())
          assert.include(yield* complaint(0), "wait in the outbox")
          yield* DeadLetters.purge({ queue: "ledger" })
          assert.deepInclude(yield* row, { deadLetters: 1, open: 0 })

          // A loss as a broker could cause it: published, and nowhere.
          yield* sql`delete from kanau.pending`
          const [lost] = yield* sql<{ id: string }>`select id from kanau.events order by position desc limit 1`
          const found = yield* row
          assert.deepInclude(found, { pending: 0, open: 1, openIds: [lost?.id ?? "none"] })
          assert.isUndefined(yield* complaint(), "it may be in a handler's hands")
          assert.include(yield* complaint(0), lost?.id ?? "none")
          assert.deepInclude(yield* bus.status("ledger"), { ready: 0, delayed: 0, deadLetters: 0 })
        }).pipe(Effect.scoped, Effect.provide(services)),
      60_000
    )

    it.live(
      "NB-16 a discarded message that is delivered again is handled again, and then is processed",
      () =>
        Effect.gen(function*() {
          const sql = yield* SqlClient.SqlClient
          yield* reset
          yield* sql`delete from kanau.inbox`
          let exists = false
          let handled = 0
          yield* Consumer.run(consumer(() =>
            Effect.suspend(() => {
              handled++
              return exists ? Effect.void : Effect.fail(new NoPiece())
            })
          ))
          const relay = yield* Effect.forkChild(Relay.run)
          yield* append([["late", 1]])
          yield* eventually("(select count(*) from kanau.inbox where discarded) = 1")
          exists = true
          const again = sql`insert into kanau.pending (position, subject) select position, subject from kanau.events`
          yield* pendingReaches(0)
          yield* again
          yield* eventually("(select count(*) from kanau.inbox where not discarded) = 1")
          yield* pendingReaches(0)
          yield* again
          yield* append([["late", 2]])
          yield* eventually("(select count(*) from kanau.inbox) = 2")
          assert.strictEqual(handled, 3)
          yield* Fiber.interrupt(relay)
        }).pipe(Effect.scoped, Effect.provide(services)),
      60_000
    )

    it.live(
      "an account whose queue nobody consumes complains, one without an inbox ends at the broker",
      () =>
        Effect.gen(function*() {
          const bus = yield* Bus.Bus
          yield* reset
          yield* bus.declare({ name: "ledger", types: ["test.moved"] })
          const relay = yield* Effect.forkChild(Relay.run)
          yield* append([["a", 1], ["b", 1]])
          yield* pendingReaches(0)
          yield* Fiber.interrupt(relay)
          assert.include(yield* complaint(), "nobody consumes it")
          const rows = yield* Ledger.rows([{ queue: "ledger", types: ["test.moved"] }], { since })
          assert.deepInclude(rows[0], { appended: 2, relayed: 2, processed: 0, open: 0 })
        }).pipe(Effect.scoped, Effect.provide(services)),
      60_000
    )
  })
}

/**
 * The role that does what follows from events, each hook on a queue of its own, and what the scheduler's signals ask
 * for. It also puts every dead letter of the system into PostgreSQL and keeps the ledger. Any number of processes may play
 * it.
 */
import { Consumer } from "@kanau/messaging"
import { Ledger, PgDeadLetters } from "@kanau/postgres"
import { Effect, Layer } from "effect"
import * as Wiki from "../wiki/Wiki.ts"
import { accounts } from "./accounts.ts"
import { needsBroker, needsPostgres, onceAvailable } from "./availability.ts"
import { housekeeping } from "./housekeeping.ts"

export const layer = Layer.effectDiscard(Effect.gen(function*() {
  yield* needsPostgres
  yield* needsBroker
  yield* Effect.forEach(Wiki.hooks, (hook) => onceAvailable(Consumer.run(hook)), { discard: true })
  yield* onceAvailable(Consumer.run(housekeeping))
  // Queues of roles that have never run are not there yet.
  yield* Effect.forkScoped(Effect.forEach(accounts, ({ queue }) => onceAvailable(PgDeadLetters.collect([queue])), {
    concurrency: "unbounded"
  }))
  yield* Effect.forkScoped(Ledger.watch(accounts))
}))

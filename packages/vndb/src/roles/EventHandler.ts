/**
 * The role that does what follows from events, each hook on a queue of its own, and what the scheduler's signals ask
 * for. It also puts every dead letter of the system into PostgreSQL and keeps the ledger. Any number of processes may play
 * it.
 */
import { Consumer } from "@kanau/messaging"
import { Ledger, PgDeadLetters } from "@kanau/postgres"
import { Effect, Layer } from "effect"
import { removeTraces } from "../community/hooks/RemoveTraces.ts"
import { countVnChanges } from "../wiki/hooks/CountVnChanges.ts"
import { derive } from "../wiki/hooks/Derive.ts"
import { accounts } from "./accounts.ts"
import { needsBroker, needsPostgres, onceAvailable } from "./availability.ts"
import { days } from "./days.ts"
import { housekeeping } from "./housekeeping.ts"

/** `source` of the events this role appends. */
export const source = "/event-handler"

export const layer = Layer.effectDiscard(Effect.gen(function*() {
  yield* needsPostgres
  yield* needsBroker
  yield* onceAvailable(Consumer.run(countVnChanges))
  yield* onceAvailable(Consumer.run(derive, { prefetch: 200 }))
  yield* onceAvailable(Consumer.run(removeTraces))
  yield* onceAvailable(Consumer.run(days))
  yield* onceAvailable(Consumer.run(housekeeping))
  // Queues of roles that have never run are not there yet.
  yield* Effect.forkScoped(Effect.forEach(accounts, ({ queue }) => onceAvailable(PgDeadLetters.collect([queue])), {
    concurrency: "unbounded"
  }))
  yield* Effect.forkScoped(Ledger.watch(accounts))
}))

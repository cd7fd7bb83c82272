/** The role that does what follows from events, each hook on a queue of its own. Any number of processes may play it. */
import { Consumer } from "@kanau/messaging"
import { PgInbox } from "@kanau/postgres"
import { Effect, Layer } from "effect"
import * as Wiki from "../wiki/Wiki.ts"
import { needsPostgres, onceAvailable } from "./availability.ts"
import { hourly, retention } from "./housekeeping.ts"

export const layer = Layer.effectDiscard(Effect.gen(function*() {
  yield* needsPostgres
  yield* Effect.forEach(Wiki.hooks, (hook) => onceAvailable(Consumer.run(hook)), { discard: true })
  yield* hourly("Trimming the inbox", PgInbox.trim({ keep: retention }))
}))

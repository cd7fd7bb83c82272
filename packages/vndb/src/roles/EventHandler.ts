/** The role that does what follows from events, each hook on a queue of its own. Any number of processes may play it. */
import { Consumer } from "@kanau/messaging"
import { Effect, Layer } from "effect"
import * as Wiki from "../wiki/Wiki.ts"

export const layer = Layer.effectDiscard(
  Effect.forEach(Wiki.hooks, (hook) => Consumer.run(hook), { discard: true })
)

/** Counts the changes of each visual novel: one effect per event, however often it is delivered. */
import { Consumer, Inbox } from "@kanau/messaging"
import { Database } from "@kanau/postgres"
import { Effect, pipe } from "effect"
import { countChange } from "../entities/VnActivity.ts"
import { VnCreated, VnDeleted, VnEdited, VnRestored } from "../events.ts"

const queue = "event-handler.vn-activity"

const count = (event: { readonly id: string }) =>
  Effect.gen(function*() {
    const { time } = yield* Consumer.currentEnvelope
    yield* Database.faults(countChange({ id: event.id, at: new Date(time) }))
  })

const counted = pipe(count, Inbox.deduplicate(queue))

export const countVnChanges = Consumer.make({
  queue,
  handlers: [
    Consumer.on(VnCreated, counted),
    Consumer.on(VnEdited, counted),
    Consumer.on(VnDeleted, counted),
    Consumer.on(VnRestored, counted)
  ]
})

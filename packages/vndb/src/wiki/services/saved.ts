import { Outbox } from "@kanau/postgres"
import { CausalToken } from "@kanau/views"
import { Clock, Effect } from "effect"

/** Appends the event of a finished write and makes the answer every mutation gives. */
export const saved = (event: { readonly id: string; readonly revision: number }) =>
  Effect.gen(function*() {
    const outbox = yield* Outbox.Outbox
    const position = yield* outbox.append(event)
    const now = yield* Clock.currentTimeMillis
    return { id: event.id, revision: event.revision, position: CausalToken.format(position, now) }
  })

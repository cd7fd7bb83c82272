/** What the services of this module have in common: whose votes and lists are meant, and how a change is told. */
import { Principal } from "@kanau/core"
import { Database, Outbox } from "@kanau/postgres"
import { CausalToken } from "@kanau/views"
import { Clock, Effect } from "effect"
import { ensureUser } from "../../accounts/entities/Accounts.ts"
import { missingReference } from "../../wiki/entities/References.ts"
import { EntryNotFound } from "../../wiki/operations/faults.ts"
import { UserChanged } from "../events.ts"

/** The user that the one who asks is, the time, and its day in UTC: a `Date` would become a day of wherever the process runs. */
export const acting = Effect.gen(function*() {
  const { name } = yield* Principal.Principal
  const millis = yield* Clock.currentTimeMillis
  const at = new Date(millis)
  const { isNew, uid } = yield* ensureUser({ name, at })
  if (isNew) yield* told(new UserChanged({ id: uid }))
  return { uid, at, day: at.toISOString().slice(0, 10) }
})

/** Fails unless an entry is there for everybody to see. */
export const mustExist = Effect.fnUntraced(function*(id: string) {
  if ((yield* missingReference({ ids: [id], keys: [] })) !== undefined) return yield* new EntryNotFound({ id })
})

/** Appends events in the order given; the answer every mutation gives, also when nothing was to be done. */
export const told = (...events: ReadonlyArray<object>) =>
  Effect.gen(function*() {
    const outbox = yield* Outbox.Outbox
    const positions = yield* outbox.appendAll(events)
    return { position: CausalToken.format(positions.at(-1) ?? "0", yield* Clock.currentTimeMillis) }
  })

/** One transaction, as every mutation is. */
export const inOne = Database.transaction

/** What every write of an entry has in common: its revision, its place in the history, its event and its answer. */
import { Principal } from "@kanau/core"
import { Outbox } from "@kanau/postgres"
import { CausalToken } from "@kanau/views"
import { Array, Clock, Effect } from "effect"
import { staffOfAliases } from "../entities/Dependents.ts"
import * as Entries from "../entities/Entries.ts"
import * as EntryMeta from "../entities/EntryMeta.ts"
import { addRevision } from "../entities/Revisions.ts"
import type { Action } from "../entities/Revisions.ts"
import { events, type Transition } from "../events.ts"
import type { Content, Kind } from "../kinds.ts"

/** A finished write of an entry that is locked by this transaction. */
export interface Written {
  readonly kind: Kind
  readonly id: string
  readonly action: Action
  readonly summary: string | undefined
  /** What it was; undefined for a new one. */
  readonly before: Content | undefined
}

/** Bumps the revision, keeps it, and appends the event; the answer every mutation gives. */
export const record = Effect.fnUntraced(function*({ action, before, id, kind, summary = "" }: Written) {
  const { name: by } = yield* Principal.Principal
  const now = yield* Clock.currentTimeMillis
  const at = new Date(now)
  const revision = yield* EntryMeta.bumpRevision({ id, by, at })
  const content = (yield* Entries.findEntry({ kind, id }))?.content ?? {}
  yield* addRevision({ id, revision, at, by, action, summary, content })
  const outbox = yield* Outbox.Outbox
  const Event = events[kind.name][transitionOf(action)]
  const references = [kind.refersTo(before ?? {}), kind.refersTo(content)]
  const aids = references.flatMap(({ keys }) => keys.flatMap(({ key, table }) => table === "staff_alias" ? [key] : []))
  const staff = aids.length === 0 ? [] : yield* staffOfAliases({ aids })
  // Images are no entries.
  const touched = Array.dedupe([...references.flatMap(({ ids }) => ids), ...staff]).filter((one) =>
    /^[a-z][0-9]/.test(one)
  )
  const position = yield* outbox.append(new Event({ id, revision, touched }))
  return { id, revision, position: CausalToken.format(position, now) }
})

const transitionOf = (action: Action): Transition =>
  action === "created" || action === "deleted" || action === "restored" ? action : "edited"

/**
 * A view is the public face of an entity: which events concern it, which of its documents an event touches, and how a
 * document is derived from the truth.
 *
 * **When is a document newer?** Every document carries the *version* of the database snapshot it was derived from: the
 * number of transactions that had ended when the snapshot was taken (`xmax` less those still running). Of two
 * snapshots of one database the later has the higher version, and equal versions show equal data. So a store that
 * accepts only higher versions never moves a document back, however many view-managers derive it at the same time.
 * The version comes with the data from one statement; there is no other bookkeeping.
 */
import type { Fault, Message, System } from "@kanau/core"
import type { Effect } from "effect"
import type { FieldValue } from "./ViewStore.ts"

/** One document as it is now. */
export interface Derived {
  readonly id: string
  /** Version of the snapshot it was read from. */
  readonly version: bigint
  /** Revision of the entity; 0 when there is none. */
  readonly revision: number
  /** The answer as JSON text, or null when the entity does not exist (any more). */
  readonly json: string | null
  readonly fields: Readonly<Record<string, FieldValue>>
}

/** A view that needs the dependencies `R`. */
export interface View<R = never> {
  /** Lower-case letters, digits and `_`; also names the collection. */
  readonly name: string
  readonly events: ReadonlyArray<Message.Any>
  readonly touches: (event: object) => Effect.Effect<ReadonlyArray<string>, Fault.Infrastructure, R>
  readonly derive: (ids: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<Derived>, Fault.Infrastructure, R>
}

/**
 * Declares a view.
 *
 * @example
 * ```ts
 * const notes = View.define({
 *   name: "note",
 *   events: [NoteWritten],
 *   touches: (event) => Effect.succeed([event.id]),
 *   derive: (ids) => deriveNotes(ids)
 * })
 * ```
 */
export const define = <const Events extends ReadonlyArray<Message.Any>, R1, R2>(view: {
  readonly name: string
  readonly events: Events
  /** Ids of the documents that an event may have changed. Naming too many is only slower, naming too few is wrong. */
  readonly touches: (
    event: Events[number]["Type"]
  ) => Effect.Effect<ReadonlyArray<string>, Fault.Infrastructure, R1>
  /** Derives documents, one result for every id asked for, all from one snapshot. */
  readonly derive: (ids: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<Derived>, Fault.Infrastructure, R2>
}): View<R1 | R2> => view as View<R1 | R2>

/**
 * A view as a part of a role, for `System.make`.
 *
 * @example
 * ```ts
 * import { View } from "@kanau/views"
 * import { Effect } from "effect"
 *
 * const none = () => Effect.succeed([])
 * View.part(View.define({ name: "note", events: [], touches: none, derive: none })).view // => "note"
 * ```
 */
export const part = ({ name, events }: View<unknown>): System.ViewPart => ({ kind: "view", view: name, events })

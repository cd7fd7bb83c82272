/**
 * A view is the public face of an entity: which events concern it, which of its documents an event touches, and how a
 * document is derived from the truth.
 *
 * **When is a document newer?** Every document carries the *version* of the database snapshot it was derived from: the
 * number of transactions that had ended when the snapshot was taken (`xmax` less those still running). Of two
 * snapshots of one database the later has the higher version, and equal versions show equal data. So a store that
 * accepts only higher versions never moves a document back, however many view-managers derive it at the same time.
 * The version comes with the data from one statement; there is no other bookkeeping.
 *
 * **Parts.** A member of the answer that changes by itself, and often, may be declared a part: events of the part derive
 * and replace only this member. The document then carries a version for each part beside that of the whole, and every
 * part, like the whole, only moves forward. So what is shown always equals a full derivation, each member as of some
 * snapshot, and once all events are applied, as of the last.
 */
import type { Fault, Message, System } from "@kanau/core"
import { Effect } from "effect"
import type { FieldValue, Shape } from "./ViewStore.ts"
import * as ViewStore from "./ViewStore.ts"

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

/** One part of a document as it is now. */
export interface DerivedPart {
  readonly id: string
  readonly version: bigint
  /** The member's value as JSON text, or null when the entity does not exist (any more). */
  readonly json: string | null
  /** The fields of the part. */
  readonly fields: Readonly<Record<string, FieldValue>>
}

/** Events, and the ids of the documents that such an event may have changed. */
export interface Dependency<out R = never> {
  readonly events: ReadonlyArray<Message.Any>
  readonly touches: (event: object) => Effect.Effect<ReadonlyArray<string>, Fault.Infrastructure, R>
}

/** A member of the answer that is also derived by itself. */
export interface Part<out R = never> {
  readonly dependsOn: ReadonlyArray<Dependency<R>>
  /** The filter fields that belong to it. */
  readonly fields: ReadonlyArray<string>
  /** Derives the part of each of these documents, all from one snapshot. */
  readonly derive: (ids: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<DerivedPart>, Fault.Infrastructure, R>
}

/** A view that needs the dependencies `R`. */
export interface View<out R = never> {
  readonly name: string
  readonly dependsOn: ReadonlyArray<Dependency<R>>
  readonly derive: (ids: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<Derived>, Fault.Infrastructure, R>
  readonly keys: (
    after: string | undefined,
    limit: number
  ) => Effect.Effect<ReadonlyArray<string>, Fault.Infrastructure, R>
  readonly shape: Shape
  /** By the name of the member. */
  readonly parts: Readonly<Record<string, Part<R>>>
}

/**
 * Declares that events touch documents. Naming too many ids is only slower, naming too few is wrong.
 *
 * @example
 * ```ts
 * View.on([NoteWritten, NoteErased], (event) => Effect.succeed([event.id]))
 * ```
 */
export const on = <const Events extends ReadonlyArray<Message.Any>, R = never>(
  events: Events,
  touches: (event: Events[number]["Type"]) => Effect.Effect<ReadonlyArray<string>, Fault.Infrastructure, R>
): Dependency<R> => ({ events, touches: touches as Dependency<R>["touches"] })

/**
 * Declares a view.
 *
 * @example
 * ```ts
 * const notes = View.define({
 *   name: "note",
 *   dependsOn: [View.on([NoteWritten], (event) => Effect.succeed([event.id]))],
 *   derive: (ids) => deriveNotes(ids),
 *   keys: (after, limit) => noteIds(after, limit),
 *   fields: { author: "text", written: "number" },
 *   indexes: [["author", "written"]]
 * })
 * ```
 */
export const define = <R1, R2, R3, R4 = never>(view: {
  /** Lower-case letters, digits and single `_`; also names the collection. */
  readonly name: string
  readonly dependsOn: ReadonlyArray<Dependency<R1>>
  /** Derives documents, one result for every id asked for, all from one snapshot. */
  readonly derive: (ids: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<Derived>, Fault.Infrastructure, R2>
  /** Ids of everything there is, each once, in any order that lasts: those behind `after`, at most `limit`. */
  readonly keys: (
    after: string | undefined,
    limit: number
  ) => Effect.Effect<ReadonlyArray<string>, Fault.Infrastructure, R3>
  /** What lists may filter and sort by; nothing when absent. */
  readonly fields?: Shape["fields"]
  readonly indexes?: Shape["indexes"]
  /** Members of the answer that are also derived by themselves. */
  readonly parts?: Readonly<Record<string, Part<R4>>>
}): View<R1 | R2 | R3 | R4> => {
  if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(view.name)) {
    throw new Error(`${view.name} cannot name a view; use lower-case letters, digits and single underscores.`)
  }
  const { fields = {}, indexes = [], parts = {}, ...rest } = view
  const part = Object.values(parts).flatMap((one) => one.fields).find((field) => !Object.hasOwn(fields, field))
  const mistake = ViewStore.mistakeOf({ fields, indexes }) ??
    (part === undefined ? undefined : `a part names the field ${part}, which is not declared`)
  if (mistake !== undefined) throw new Error(`View ${view.name} is wrong: ${mistake}`)
  return { ...rest, shape: { fields, indexes }, parts }
}

/**
 * Every event that concerns a view or one of its parts, each once.
 *
 * @example
 * ```ts
 * import { View } from "@kanau/views"
 * import { Effect } from "effect"
 *
 * const none = () => Effect.succeed([])
 * View.events(View.define({ name: "note", dependsOn: [], derive: none, keys: none })) // => []
 * ```
 */
export const events = (view: View<unknown>): ReadonlyArray<Message.Any> => [
  ...new Set(
    [view, ...Object.values(view.parts)].flatMap(({ dependsOn }) => dependsOn.flatMap((one) => one.events))
  )
]

/**
 * The documents an event touches by these dependencies.
 *
 * @example
 * ```ts
 * import { View } from "@kanau/views"
 * import { Effect } from "effect"
 *
 * Effect.runSync(View.touched([], {})) // => []
 * ```
 */
export const touched = <R>(
  dependsOn: ReadonlyArray<Dependency<R>>,
  event: object
): Effect.Effect<ReadonlyArray<string>, Fault.Infrastructure, R> =>
  Effect.map(
    Effect.forEach(
      dependsOn.filter(({ events }) => events.some((one) => event instanceof one)),
      ({ touches }) => touches(event)
    ),
    (ids) => [...new Set(ids.flat())]
  )

/**
 * A view as a part of a role, for `System.make`.
 *
 * @example
 * ```ts
 * import { View } from "@kanau/views"
 * import { Effect } from "effect"
 *
 * const none = () => Effect.succeed([])
 * View.part(View.define({ name: "note", dependsOn: [], derive: none, keys: none })).view // => "note"
 * ```
 */
export const part = (view: View<unknown>): System.ViewPart => ({ kind: "view", view: view.name, events: events(view) })

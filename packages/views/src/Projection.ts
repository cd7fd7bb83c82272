/**
 * Keeps view documents current: consumes the events that views name, derives what they touch, and replaces documents
 * that are older. Any number of processes may do this at once, with events delivered twice or out of order: the
 * store only ever accepts a document derived from a later snapshot.
 */
import { Fault, type Message, type Processor } from "@kanau/core"
import { Bus, Consumer } from "@kanau/messaging"
import { Clock, Effect, Metric } from "effect"
import { hash } from "node:crypto"
import type { Derived, View } from "./View.ts"
import { type ViewDocument, ViewStore } from "./ViewStore.ts"

/** The channel on which gateways hear which documents changed; see {@link encodeChanges}. */
export const changesChannel = "kanau.views"

/**
 * The consumer that keeps these views current. After an event is applied to all of them its position is recorded for
 * causal reads, and gateways are told which documents changed.
 */
export const consumer = <R>(
  queue: string,
  views: ReadonlyArray<View<R>>
): Consumer.Consumer<R | Bus.Bus | ViewStore> => {
  const events = new Set(views.flatMap((view) => view.events))
  const bind = (event: Message.Any): Consumer.Handler<R | Bus.Bus | ViewStore> => {
    const concerned = views.filter((view) => view.events.includes(event))
    const deriveViews = (message: object) => apply(concerned, message)
    // The needs are put aside while binding: the compiler cannot tell that the `R` of a view, which it does not know
    // here, is not `OnceOnly`. Deriving twice is what views are made for.
    return Consumer.on(event, deriveViews as Processor.Processor<object, void, Fault.Infrastructure>)
  }
  return Consumer.make({ queue, handlers: [...events].map(bind) })
}

const apply = <R>(views: ReadonlyArray<View<R>>, event: object) =>
  Effect.gen(function*() {
    const { position } = yield* Consumer.currentEnvelope
    const changed = yield* Effect.forEach(
      views,
      (view) => Effect.flatMap(view.touches(event), (ids) => refresh(view, ids)),
      { concurrency: "unbounded" }
    )
    if (position !== undefined) {
      const store = yield* ViewStore
      yield* store.markApplied([position])
    }
    const bus = yield* Bus.Bus
    // A gateway that misses this still sees the change when its copy expires.
    yield* Effect.ignore(bus.broadcast(changesChannel, encodeChanges(changed.flat())))
  })

/** Derives documents and writes those that are newer; says which documents were derived. */
export const refresh = <R>(
  view: View<R>,
  ids: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<Changed>, Fault.Infrastructure, R | ViewStore> =>
  ids.length === 0 ? Effect.succeed([]) : Effect.gen(function*() {
    const store = yield* ViewStore
    const now = yield* Clock.currentTimeMillis
    const derived = yield* view.derive(ids)
    const documents = derived.map((one) => toDocument(view.name, one, now))
    if (documents.length !== new Set(ids).size) {
      return yield* new Fault.Invariant({ reason: `View ${view.name} did not derive every document it was asked for.` })
    }
    yield* Metric.update(written, yield* store.replaceIfNewer(documents))
    return documents.map(({ id }) => [view.name, id])
  })

/** View and id of a document that may have changed. */
export type Changed = readonly [view: string, id: string]

/** The bytes broadcast after a change. */
export const encodeChanges = (changed: ReadonlyArray<Changed>): Uint8Array => utf8.encode(JSON.stringify(changed))

/** Reads {@link encodeChanges} back; `undefined` if it is something else, after which anything may have changed. */
export const decodeChanges = (data: Uint8Array): ReadonlyArray<Changed> | undefined => {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(data))
    return isChanges(value) ? value : undefined
  } catch {
    return undefined
  }
}

const isChanges = (value: unknown): value is ReadonlyArray<Changed> =>
  Array.isArray(value) &&
  value.every((one) => Array.isArray(one) && typeof one[0] === "string" && typeof one[1] === "string")

const toDocument = (view: string, { id, version, revision, json, fields }: Derived, now: number): ViewDocument => {
  const bytes = utf8.encode(json ?? "")
  return {
    view,
    id,
    version,
    revision,
    derivedAt: now,
    etag: `"${hash("sha1", bytes, "base64url")}"`,
    bytes,
    fields: json === null ? {} : fields,
    deleted: json === null
  }
}

const utf8 = new TextEncoder()

const written = Metric.counter("kanau_view_documents_written_total", {
  description: "View documents replaced by a newer derivation",
  incremental: true
})

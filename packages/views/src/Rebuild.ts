/**
 * Rebuilds a view with zero downtime: a new generation is filled beside the one that is shown, compared with the truth,
 * and shown instead by one write.
 *
 * - The work is shared by all view-managers: `run` hands out pages of ids over the bus, {@link consumer} fills them.
 * - Interrupted, at any point, and run again it goes on: pages that are done are remembered in the view store.
 * - Changes go to every generation meanwhile (see `Generations`), and nobody is told of a document that is not shown.
 * - What was shown before is kept current, so {@link rollback} is one write too, until the next rebuild begins.
 *
 * While managers with old code and new code run side by side, both write to the new generation: rebuild when the last old
 * one has ended.
 */
import { Envelope, Fault, Message } from "@kanau/core"
import { Bus, Consumer, RetryLadder } from "@kanau/messaging"
import { Clock, Duration, Effect, Schema } from "effect"
import * as Generations from "./Generations.ts"
import * as Filling from "./internal/filling.ts"
import { Mismatch, verify } from "./internal/verifying.ts"
import * as Refresh from "./Refresh.ts"
import type { View } from "./View.ts"
import { ViewStore } from "./ViewStore.ts"

export { Mismatch }

/** Work for one view-manager: derive these documents into a generation that is being built. */
export class FillPage extends Message.signal<FillPage>()("kanau.views.fill-page", {
  fields: {
    view: Schema.String,
    generation: Schema.Int,
    /** The key the page begins behind; names it. */
    after: Schema.String,
    ids: Schema.Array(Schema.String)
  },
  subject: ({ after, view }) => `${view}/${after}`
}) {}

/** There is no generation to go back to. */
export class NoPrevious extends Fault.define<NoPrevious>()(
  "NoPrevious",
  "not-found",
  { view: Schema.String },
  (fault) => `There is no previous generation of ${fault.view} to go back to.`
) {}

/** How far a rebuild is. */
export interface Progress {
  readonly done: number
  /** Documents of the generation that is shown: about as many there will be. */
  readonly total: number
}

export interface Options {
  readonly onProgress?: (progress: Progress) => Effect.Effect<void>
  /** Documents of a page; 200 when absent. */
  readonly pageSize?: number
  /** Pages handed out at a time; 16 when absent. */
  readonly pages?: number
  /** A page that is not done by then is handed out again; 30 seconds when absent. */
  readonly handOutAgainAfter?: Duration.Input
  /** Fails when no page is done for so long; 2 minutes when absent. */
  readonly patience?: Duration.Input
  /** Documents that are compared with the truth before the generation is shown; 100 when absent. */
  readonly sample?: number
}

/** What a rebuild may fail with. */
export type Failure = Fault.Infrastructure | Bus.Unroutable | Bus.Unconfirmed | Mismatch

/** What a rebuild has done. */
export interface Rebuilt {
  readonly generation: number
  readonly documents: number
  /** Documents that were compared with the truth. */
  readonly compared: number
}

/** Fills pages of these views: run one in every view-manager, beside the projection, whose queue it is named after. */
export const consumer = <R>(
  queue: string,
  views: ReadonlyArray<View<R>>
): Consumer.Consumer<R | Bus.Bus | ViewStore> => {
  const byName = new Map(views.map((view) => [view.name, view]))
  const fill = (page: FillPage) => {
    const view = byName.get(page.view)
    return view === undefined ? Effect.void : fillPage(view, page)
  }
  return Consumer.unordered(Consumer.make({
    queue: `${queue}.rebuild`,
    ladder: RetryLadder.patient,
    // As in `Projection.consumer`: the compiler does not know `R`, and filling a page twice does no harm.
    handlers: [Consumer.on(FillPage, fill as (page: FillPage) => Effect.Effect<void, Fault.Infrastructure>)]
  }))
}

/** Builds a new generation of the view, or goes on with the one that was begun, and shows it. */
export const run = <R>(
  view: View<R>,
  options: Options = {}
): Effect.Effect<Rebuilt, Failure, R | ViewStore | Bus.Bus> =>
  Effect.gen(function*() {
    const { generation, generations } = yield* begin(view)
    const documents = yield* Filling.fill(view, generations, {
      pageSize: options.pageSize ?? 200,
      pages: options.pages ?? 16,
      againMillis: Duration.toMillis(options.handOutAgainAfter ?? "30 seconds"),
      patienceMillis: Duration.toMillis(options.patience ?? "2 minutes"),
      onProgress: options.onProgress ?? (() => Effect.void),
      handOut: (after, ids) => handOut(new FillPage({ view: view.name, generation, after, ids }))
    })
    const compared = yield* verify(view, generation, options.sample ?? 100)
    yield* show(view, generation)
    return { generation, documents, compared }
  })

/**
 * Shows the previous generation again; the one shown now becomes the previous one. Takes some seconds, in which whoever
 * writes learns which of the two comes first.
 */
export const rollback = (
  view: View<unknown>
): Effect.Effect<void, Fault.Unavailable | Fault.Conflict | Fault.Invariant | Mismatch | NoPrevious, ViewStore> =>
  Effect.gen(function*() {
    const from = yield* Generations.read(view.name)
    if (from.previous === null) return yield* new NoPrevious({ view: view.name })
    yield* Generations.change(view.name, from, { ...from, building: from.previous, previous: null })
    yield* Effect.sleep(Generations.trustedMillis)
    yield* show(view, from.previous)
  })

/** Gives up a rebuild that was begun; false if there was none. */
export const abandon = (
  view: View<unknown>
): Effect.Effect<boolean, Fault.Unavailable | Fault.Conflict | Fault.Invariant, ViewStore> =>
  Effect.gen(function*() {
    const store = yield* ViewStore
    const from = yield* Generations.read(view.name)
    if (from.building === null) return false
    yield* Generations.change(view.name, from, { ...from, building: null })
    yield* store.drop(Generations.collection(view.name, from.building))
    yield* Filling.forget(view.name, from.building)
    return true
  })

/** Drops the previous generation, which then costs nothing any more and cannot be shown again; false if there is none. */
export const dropPrevious = (
  view: View<unknown>
): Effect.Effect<boolean, Fault.Unavailable | Fault.Conflict | Fault.Invariant, ViewStore> =>
  Effect.gen(function*() {
    const store = yield* ViewStore
    const from = yield* Generations.read(view.name)
    if (from.previous === null) return false
    // Readers may still go there.
    const left = from.switchedAt + 2 * Generations.trustedMillis - (yield* Clock.currentTimeMillis)
    if (left > 0) yield* Effect.sleep(Math.min(left, 2 * Generations.trustedMillis))
    yield* Generations.change(view.name, from, { ...from, previous: null })
    yield* store.drop(Generations.collection(view.name, from.previous))
    return true
  })

const fillPage = <R>(view: View<R>, { after, generation, ids }: FillPage) =>
  Effect.gen(function*() {
    const { building } = yield* Generations.read(view.name)
    if (building !== generation) return
    const derived = yield* Refresh.derive(view, ids)
    yield* Refresh.write(view, Generations.collection(view.name, generation), derived)
    yield* Filling.done(view.name, generation, after, ids)
  })

const handOut = (page: FillPage) =>
  Effect.gen(function*() {
    const bus = yield* Bus.Bus
    const envelope = yield* Effect.mapError(
      Envelope.make(page, { source: "/rebuild" }),
      ({ message: reason }) => new Fault.Invariant({ reason })
    )
    yield* bus.publish(envelope)
  })

/** Where there is room for a new generation, makes it; otherwise takes up the one that is being built. */
const begin = (view: View<unknown>) =>
  Effect.gen(function*() {
    const store = yield* ViewStore
    let generations = yield* Generations.read(view.name)
    if (generations.building === null) {
      yield* dropPrevious(view)
      generations = yield* Generations.read(view.name)
      const next = generations.last + 1
      generations = yield* Generations.change(view.name, generations, { ...generations, building: next, last: next })
    }
    const generation = generations.building ?? generations.last
    yield* store.prepare(Generations.collection(view.name, generation), view.shape)
    return { generation, generations }
  })

const show = (view: View<unknown>, generation: number) =>
  Effect.gen(function*() {
    const from = yield* Generations.read(view.name)
    if (from.building === generation) {
      const switchedAt = yield* Clock.currentTimeMillis
      yield* Generations.change(view.name, from, {
        ...from,
        live: generation,
        building: null,
        previous: from.live,
        switchedAt
      })
    } else if (from.live !== generation) {
      return yield* new Mismatch({ view: view.name, reason: "the rebuild was abandoned meanwhile." })
    }
    yield* Filling.forget(view.name, generation)
  })

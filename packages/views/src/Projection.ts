/**
 * Keeps view documents current: consumes the events that views name, derives what they touch, and replaces documents
 * that are older. Any number of processes may do this at once, with events delivered twice or out of order.
 *
 * What events touch while a derivation runs is derived by the next one, each document once: a hundred changes of one
 * entity cost as much as one, and changes of a hundred entities cost one round trip. See `Coalesce`.
 */
import type { Fault, Message, Processor } from "@kanau/core"
import { type Bus, Consumer, RetryLadder } from "@kanau/messaging"
import { Effect } from "effect"
import * as Coalesce from "./Coalesce.ts"
import * as Refresh from "./Refresh.ts"
import * as View from "./View.ts"
import { ViewStore, type ViewStoreService } from "./ViewStore.ts"

/**
 * The consumer that keeps these views current. After an event is applied to all of them its position is recorded for
 * causal reads. Run it with a prefetch of hundreds, so that there is something to gather.
 */
export const consumer = <R>(
  queue: string,
  views: ReadonlyArray<View.View<R>>
): Consumer.Consumer<R | Bus.Bus | ViewStore> => {
  const applying = applier(views)
  const bind = (event: Message.Any): Consumer.Handler<R | Bus.Bus | ViewStore> => {
    const handle = (message: object) =>
      Effect.flatMap(Consumer.currentEnvelope, ({ position }) => applying(message, position))
    // The needs are put aside while binding: the compiler cannot tell that the `R` of a view, which it does not know
    // here, is not `OnceOnly`. Deriving twice is what views are made for.
    return Consumer.on(event, handle as Processor.Processor<object, void, Fault.Infrastructure>)
  }
  const events = [...new Set(views.flatMap(View.events))]
  return Consumer.unordered(Consumer.make({ queue, handlers: events.map(bind), ladder: RetryLadder.patient }))
}

/**
 * Applies one event to views, as the consumer does.
 *
 * @example
 * ```ts
 * yield* Projection.apply([VnView, ReleaseView], new VnEdited({ id: "v17", revision: 2 }))
 * ```
 */
export const apply = <R>(
  views: ReadonlyArray<View.View<R>>,
  event: object
): Effect.Effect<void, Fault.Infrastructure, R | Bus.Bus | ViewStore> => applier(views)(event, undefined)

type Needs<R> = R | Bus.Bus | ViewStore
type Refreshing<R> = Coalesce.Coalesced<Fault.Infrastructure, Needs<R>>

const applier = <R>(views: ReadonlyArray<View.View<R>>) => {
  // Gathered per store: a process may hold several systems, as tests do.
  const gathered = new WeakMap<ViewStoreService, ReturnType<typeof gather<R>>>()
  return (event: object, position: string | undefined): Effect.Effect<void, Fault.Infrastructure, Needs<R>> =>
    Effect.flatMap(ViewStore, (store) => {
      const { routes, mark } = gathered.get(store) ?? gather(views, store)
      gathered.set(store, { routes, mark })
      const refreshed = Effect.forEach(
        routes,
        ({ dependsOn, refresh }) => Effect.flatMap(View.touched(dependsOn, event), refresh),
        { concurrency: "unbounded", discard: true }
      )
      return position === undefined ? refreshed : Effect.andThen(refreshed, mark([position]))
    })
}

/** For each view and each part what is refreshed by it, and the recording of positions, all gathered. */
const gather = <R>(views: ReadonlyArray<View.View<R>>, store: ViewStoreService) => ({
  routes: views.flatMap((view): ReadonlyArray<Route<R>> => [
    { dependsOn: view.dependsOn, refresh: Coalesce.make((ids) => Refresh.documents(view, ids)) },
    ...Object.entries(view.parts).map(([name, part]) => ({
      dependsOn: part.dependsOn,
      refresh: Coalesce.make((ids) => Refresh.parts(view, name, part, ids))
    }))
  ]),
  mark: Coalesce.make((positions) => store.markApplied(positions), { size: 1000 })
})

interface Route<R> {
  readonly dependsOn: ReadonlyArray<View.Dependency<R>>
  readonly refresh: Refreshing<R>
}

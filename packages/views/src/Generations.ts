/**
 * Generations of a view: the collection that is shown, one that is being built beside it, and the one that was shown
 * before. Which is which stands in one small record in the view store, so switching and rolling back are one write each.
 *
 * **Who writes.** Whoever applies a change derives, makes sure that no generation began meanwhile, and writes to every
 * generation. So a generation that begins later is filled from a truth that is at least as new.
 *
 * **Who reads** goes to the generation that is shown, as it knows it; it looks every second. What readers move to is
 * written before what they come from, so a reader that moves never sees a document go back. Two processes may move up to
 * a second apart; a client that goes from one to the other and must not notice sends `Kanau-After`.
 */
import { Fault } from "@kanau/core"
import { Clock, Effect, Option, Schema, type Scope } from "effect"
import { type Shape, ViewStore, type ViewStoreService } from "./ViewStore.ts"

/** The generations of a view, by number. */
export interface Generations {
  readonly live: number
  readonly building: number | null
  /** Kept current for a rollback. */
  readonly previous: number | null
  /** The highest number that was ever given: a number is not used again, so what a late writer leaves behind is not seen. */
  readonly last: number
  /** When another one was last shown, in milliseconds since the epoch; 0 if that never happened. */
  readonly switchedAt: number
  /** How often the record has changed; 0 when there is none. */
  readonly revision: number
}

/**
 * The name of the collection that holds a generation. The first one goes by the name of the view.
 *
 * @example
 * ```ts
 * import { Generations } from "@kanau/views"
 *
 * Generations.collection("vn", 1) // => "vn"
 * Generations.collection("vn", 2) // => "vn__2"
 * ```
 */
export const collection = (view: string, generation: number): string =>
  generation === 1 ? view : `${view}__${generation}`

/** The collections a change is written to, in the order they are to be written in: readers move from later ones to earlier. */
export const targets = (view: string, { live, building, previous }: Generations): ReadonlyArray<string> =>
  [building, live, previous].flatMap((generation) => generation === null ? [] : [collection(view, generation)])

/** Reads the record of a view. */
export const read = (
  view: string
): Effect.Effect<Generations, Fault.Unavailable | Fault.Invariant, ViewStore> =>
  Effect.flatMap(ViewStore, (store) => readFrom(store, view))

/** {@link read} for those who hold the store. */
export const readFrom = (
  store: ViewStoreService,
  view: string
): Effect.Effect<Generations, Fault.Unavailable | Fault.Invariant> =>
  Effect.flatMap(
    store.records.get(key(view)),
    (found) =>
      Option.isNone(found) ? Effect.succeed(first) : decode(found.value.key, found.value.value, found.value.revision)
  )

/** Changes the record unless somebody else has done so since it was read; that is a `Conflict`. */
export const change = (
  view: string,
  from: Generations,
  to: Omit<Generations, "revision">
): Effect.Effect<Generations, Fault.Unavailable | Fault.Conflict, ViewStore> =>
  Effect.flatMap(
    ViewStore,
    (store) =>
      Effect.flatMap(store.records.put(key(view), encode(to), from.revision), (done) =>
        done
          ? Effect.succeed({ ...to, revision: from.revision + 1 })
          : Effect.fail(new Fault.Conflict({ reason: `Somebody else is changing the generations of ${view}.` })))
  )

/** Makes the collections of every generation of these views, and their indexes, where they are missing. */
export const prepare = (
  views: ReadonlyArray<{ readonly name: string; readonly shape: Shape }>
): Effect.Effect<void, Fault.Unavailable | Fault.Invariant, ViewStore> =>
  Effect.flatMap(
    ViewStore,
    (store) =>
      Effect.forEach(views, ({ name, shape }) =>
        Effect.flatMap(readFrom(store, name), (generations) =>
          Effect.forEach(targets(name, generations), (target) =>
            store.prepare(target, shape))), { discard: true })
  )

/** What a reader knows. */
export interface Watched {
  /** The collection that is shown. Costs nothing while the process has heard of the store lately. */
  readonly collection: (view: string) => Effect.Effect<string, Fault.Unavailable | Fault.Invariant>
}

/**
 * Follows what is shown until the scope closes; looks every second. `onSwitch` is told when another generation of a view
 * is shown, before the first read goes there.
 */
export const watch = (options: {
  readonly onSwitch: (view: string) => void
}): Effect.Effect<Watched, never, ViewStore | Scope.Scope> =>
  Effect.gen(function*() {
    const store = yield* ViewStore
    const clock = yield* Clock.Clock
    const names = new Map<string, string>()
    let lookedAt = -Infinity

    const look = Effect.gen(function*() {
      const now = clock.currentTimeMillisUnsafe()
      for (const found of yield* store.records.list(prefix)) {
        const view = found.key.slice(prefix.length)
        const name = collection(view, (yield* decode(found.key, found.value, found.revision)).live)
        if (name === (names.get(view) ?? view)) continue
        names.set(view, name)
        options.onSwitch(view)
      }
      lookedAt = now
    })
    yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.ignore(look), Effect.sleep("1 second"))))

    return {
      collection: (view) =>
        Effect.suspend(() => {
          // Far away in either direction: the clock may have been set.
          const isFresh = Math.abs(clock.currentTimeMillisUnsafe() - lookedAt) < trustedMillis
          return isFresh ? named(names, view) : Effect.andThen(look, named(names, view))
        })
    }
  })

/** How long a reader goes by what it knows when it cannot look. A generation that is hidden is kept for longer. */
export const trustedMillis = 5000

const named = (names: ReadonlyMap<string, string>, view: string): Effect.Effect<string> =>
  Effect.sync(() => names.get(view) ?? view)

const first: Generations = { live: 1, building: null, previous: null, last: 1, switchedAt: 0, revision: 0 }

const prefix = "generations/"

const key = (view: string): string => prefix + view

const Stored = Schema.fromJsonString(Schema.Struct({
  live: Schema.Int,
  building: Schema.NullOr(Schema.Int),
  previous: Schema.NullOr(Schema.Int),
  last: Schema.Int,
  switchedAt: Schema.Number
}))

const decodeStored = Schema.decodeUnknownEffect(Stored)

const encode = ({ live, building, previous, last, switchedAt }: Omit<Generations, "revision">): string =>
  JSON.stringify({ live, building, previous, last, switchedAt })

const decode = (at: string, value: string, revision: number): Effect.Effect<Generations, Fault.Invariant> =>
  decodeStored(value).pipe(
    Effect.map((stored) => ({ ...stored, revision })),
    Effect.mapError(() => new Fault.Invariant({ reason: `The record ${at} of the view store cannot be read.` }))
  )

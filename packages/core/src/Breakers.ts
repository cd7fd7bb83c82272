/**
 * The circuit breakers of this process, for those who show their state: the health server answers
 * `/health/circuit-breakers` with {@link report}.
 *
 * `Layers.circuitBreaker` and `Layers.standard` list themselves. A breaker made in a scope is listed until that scope
 * closes, any other for the life of the process. Give every breaker a name of its own; two with one name are listed
 * twice, and one of them is missing in the metric.
 */
import { Context, Effect } from "effect"

/** Where a breaker stands. */
export type State = "closed" | "open" | "half-open"

/** One breaker in the list. */
export interface Breaker {
  /** The dependency. */
  readonly name: string
  /** Looks without changing anything. */
  readonly state: Effect.Effect<State>
}

/** What is told about all of them. */
export interface Report {
  /** `degraded` when at least one is open. */
  readonly status: "healthy" | "degraded"
  /** In the order in which they were made. */
  readonly services: ReadonlyArray<{
    readonly name: string
    readonly state: State
    /** Half-open counts as healthy: it is being tried. */
    readonly healthy: boolean
  }>
}

/**
 * The list; one for the whole process unless a program is given its own.
 *
 * @example
 * ```ts
 * import { Breakers, Layers } from "@kanau/core"
 * import { Effect } from "effect"
 *
 * const mine = Effect.provideService(
 *   Effect.andThen(Layers.circuitBreaker("search"), Breakers.report),
 *   Breakers.Breakers,
 *   new Set()
 * )
 * Effect.runSync(mine).services // => [{ name: "search", state: "closed", healthy: true }]
 * ```
 */
export const Breakers: Context.Reference<Set<Breaker>> = Context.Reference<Set<Breaker>>("@kanau/core/Breakers", {
  defaultValue: () => new Set()
})

/**
 * The state of every breaker now.
 *
 * @example
 * ```ts
 * import { Breakers } from "@kanau/core"
 * import { Effect } from "effect"
 *
 * const none = Effect.provideService(Breakers.report, Breakers.Breakers, new Set())
 * Effect.runSync(none) // => { status: "healthy", services: [] }
 * ```
 */
export const report: Effect.Effect<Report> = Effect.flatMap(Breakers, (breakers) =>
  Effect.map(
    Effect.forEach([...breakers], ({ name, state }) =>
      Effect.map(state, (state) => ({ name, state, healthy: state !== "open" }))),
    (services) => ({
      status: services.every(({ healthy }) =>
          healthy
        )
        ? "healthy"
        : "degraded",
      services
    })
  ))

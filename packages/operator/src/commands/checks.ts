/** Whether each server answers, one independent of the other. */
import { Fault, KeyValue } from "@kanau/core"
import { Bus } from "@kanau/messaging"
import { Database } from "@kanau/postgres"
import { SearchIndex } from "@kanau/search"
import { ViewStore } from "@kanau/views"
import { type Context, Effect, Layer, type Scope } from "effect"
import type { Connecting, Connections, NotSet } from "./deployment.ts"

/** What is known of a connection: what it gives, or what is wrong, or that the environment does not name it. */
export type Reached<A> =
  | { readonly _tag: "Reached"; readonly context: Context.Context<A> }
  | { readonly _tag: "Failed"; readonly reason: string }
  | { readonly _tag: "NotSet"; readonly setting: string }

/** Every connection. */
export type AllReached = { readonly [K in keyof Connections]: Reached<Layer.Success<Connections[K]>> }

/** Connects to all of them at once and asks each something, for five seconds at most. */
export const reach = (connections: Connections): Effect.Effect<AllReached, never, Scope.Scope> =>
  Effect.all({
    postgres: one("postgres", connections.postgres, Database.check),
    bus: one("the bus", connections.bus, Effect.flatMap(Bus.Bus, (bus) => bus.status(nothing))),
    views: one(
      "the view store",
      connections.views,
      Effect.flatMap(ViewStore.ViewStore, (store) => store.records.get(nothing))
    ),
    search: one(
      "the search engine",
      connections.search,
      Effect.flatMap(SearchIndex.SearchIndex, (index) => index.reindexing(nowhere))
    ),
    keyValue: one("redis", connections.keyValue, Effect.flatMap(KeyValue.KeyValue, (store) => store.get(nothing)))
  }, { concurrency: "unbounded" })

/** By these names they are printed. */
export const names: { readonly [K in keyof Connections]: string } = {
  postgres: "PostgreSQL",
  bus: "message broker",
  views: "view store",
  search: "search engine",
  keyValue: "Redis"
}

const nothing = "operator.check"

const nowhere = SearchIndex.define({ name: "operator_check", searchable: ["text"] })

const one = <A>(
  dependency: string,
  layer: Connecting<A>,
  ask: Effect.Effect<unknown, Fault.Unavailable, A>
): Effect.Effect<Reached<A>, never, Scope.Scope> =>
  Layer.build(layer).pipe(
    // Once more, because a busy broker may need longer than a moment for a new connection.
    Effect.tap((context) => Effect.retry(Effect.provideContext(ask, context), { times: 1 })),
    Effect.timeoutOrElse({
      duration: "5 seconds",
      orElse: () => Effect.fail(new Fault.Unavailable({ dependency, reason: "no answer within 5 s" }))
    }),
    Effect.match({
      onSuccess: (context): Reached<A> => ({ _tag: "Reached", context }),
      onFailure: (error: NotSet | Fault.Unavailable): Reached<A> =>
        error._tag === "NotSet"
          ? { _tag: "NotSet", setting: error.setting }
          : { _tag: "Failed", reason: error.message }
    })
  )

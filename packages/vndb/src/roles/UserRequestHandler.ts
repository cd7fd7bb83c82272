/**
 * The role that changes things: serves the mutation API and relays the outbox. Any number of processes may play it;
 * they share the relaying.
 */
import { Processor } from "@kanau/core"
import { BearerAuth, HttpApp, HttpServer } from "@kanau/http"
import { Bus } from "@kanau/messaging"
import { Relay } from "@kanau/postgres"
import { Effect, Layer } from "effect"
import { guarded } from "../accounts/guard.ts"
import * as Community from "../community/Community.ts"
import { routes as communityRoutes } from "../community/routes.ts"
import { routes } from "../wiki/routes.ts"
import * as Wiki from "../wiki/Wiki.ts"
import { needsPostgres, onceAvailable } from "./availability.ts"
import { days } from "./days.ts"
import { housekeeping } from "./housekeeping.ts"
import * as Views from "./views.ts"

/** `source` of the events this role appends. */
export const source = "/user-request-handler"

/** The mutation API, every operation behind its rule. */
export const app = (credentials: ReadonlyArray<BearerAuth.Credential>) =>
  HttpApp.make({
    title: "Nova VNDB mutations",
    version: "1",
    service: Processor.serve(...guarded(Wiki.handlers), ...guarded(Community.handlers)),
    routes: [...routes, ...communityRoutes],
    auth: BearerAuth.make(credentials)
  })

export const layer = (
  options: HttpServer.Options & { readonly credentials: ReadonlyArray<BearerAuth.Credential> }
) => Layer.provideMerge(HttpServer.layer(app(options.credentials), options), background)

/** Queues exist before the first event is published, whoever starts first; then events flow. */
const background = Layer.effectDiscard(Effect.gen(function*() {
  yield* needsPostgres
  const bus = yield* Bus.Bus
  const queues = [
    ...Views.queues,
    ...Wiki.queues,
    ...Community.hooks.map(({ queue }) => queue),
    days.queue,
    housekeeping.queue
  ]
  const declared = onceAvailable(Effect.forEach(queues, bus.declare, { discard: true }))
  yield* Effect.forkScoped(Effect.andThen(declared, Relay.run))
}))

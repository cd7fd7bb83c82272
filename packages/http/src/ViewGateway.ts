/**
 * Public reads: view documents by id, copied as bytes from the view store to the response. Nothing is built, nothing
 * is parsed, and there is no other source: what the store does not hold is 404.
 *
 * Documents that are asked for often are served from memory for as long as the bus tells this process of every change;
 * while it does not, every read goes to the store. A read that sends `Kanau-After` waits until that change is applied,
 * at most {@link Options.causalWait}, and never reads from memory.
 */
import { Fault } from "@kanau/core"
import { Bus } from "@kanau/messaging"
import { CausalToken, Projection, ViewStore } from "@kanau/views"
import { Clock, type Duration, Effect, Metric, Option, Schedule, Schema, type Scope } from "effect"
import type { Handler } from "hono"
import { type HotDocument, HotCache } from "./internal/hotCache.ts"

/** The document does not exist. */
export class NotPublished extends Fault.define<NotPublished>()(
  "NotPublished",
  "not-found",
  { view: Schema.String, id: Schema.String },
  (fault) => `There is no ${fault.view} ${fault.id}.`
) {}

/** The views have not caught up with the change the read named. */
export class ViewBehind extends Fault.define<ViewBehind>()(
  "ViewBehind",
  "unavailable",
  {},
  () => "The change named in Kanau-After is not visible yet; try again."
) {}

export interface Options {
  /** How much memory documents may take; 64 MiB. */
  readonly cacheBytes?: number
  /** How long a causal read waits; 3 seconds. */
  readonly causalWait?: Duration.Input
}

/** Makes Hono handlers for `GET` of one document of a view; the route has a parameter `id`. */
export interface ViewGateway {
  readonly byId: (view: string) => Handler
}

/** Opens the gateway: it listens for changes until the scope closes. */
export const make = (
  options: Options = {}
): Effect.Effect<ViewGateway, never, ViewStore.ViewStore | Bus.Bus | Scope.Scope> =>
  Effect.gen(function*() {
    const store = yield* ViewStore.ViewStore
    const bus = yield* Bus.Bus
    const clock = yield* Clock.Clock
    const context = yield* Effect.context<never>()
    const run = Effect.runPromiseWith(context)
    const cache = new HotCache(options.cacheBytes ?? 64 * 2 ** 20, () => clock.currentTimeMillisUnsafe())
    yield* bus.listen(Projection.changesChannel, {
      onGap: (open) => cache.setOpen(!open),
      onMessage: (data) => {
        const changes = Projection.decodeChanges(data)
        if (changes === undefined) cache.setOpen(true)
        else for (const [view, id] of changes) cache.forget(keyOf(view, id))
      }
    })

    const read = (view: string, id: string): Promise<HotDocument | undefined> =>
      run(Effect.map(store.get(view, id), (found) =>
        Option.isSome(found) && !found.value.deleted ? toHot(found.value) : undefined))

    const waitUntilApplied = causalWait(store, options.causalWait ?? "3 seconds")

    const byId = (view: string): Handler => (c) => {
      const id = c.req.param("id") ?? ""
      const after = c.req.header("kanau-after")
      const ifNoneMatch = c.req.header("if-none-match")
      if (after !== undefined) {
        return run(waitUntilApplied(after)).then(() => read(view, id)).then((hot) => answer(hot, view, id, ifNoneMatch))
      }
      const key = keyOf(view, id)
      const hot = cache.get(key)
      if (hot !== undefined) {
        hits.updateUnsafe(1, context)
        return respond(hot, ifNoneMatch)
      }
      misses.updateUnsafe(1, context)
      return cache.load(key, () => read(view, id)).then((loaded) => answer(loaded, view, id, ifNoneMatch))
    }
    return { byId }
  })

/** Waits until the store has applied what the header names. */
const causalWait = (store: ViewStore.ViewStoreService, limit: Duration.Input) =>
(header: string): Effect.Effect<unknown, Fault.InvalidInput | Fault.Unavailable | ViewBehind> =>
  Effect.flatMap(Clock.currentTimeMillis, (now): ReturnType<ReturnType<typeof causalWait>> => {
    const positions = CausalToken.parse(header, now)
    if (positions === undefined) {
      return Effect.fail(
        new Fault.InvalidInput({ issues: [{ path: "Kanau-After", message: "is no Kanau-Position of this service" }] })
      )
    }
    return store.areApplied(positions).pipe(
      Effect.repeat({ until: (applied) => applied, schedule: pollSchedule }),
      Effect.timeoutOrElse({ duration: limit, orElse: () => Effect.fail(new ViewBehind({})) })
    )
  })

/** A change shows within milliseconds as a rule; asking becomes rarer while it does not. */
const pollSchedule = Schedule.min([Schedule.exponential("4 millis", 1.5), Schedule.spaced("50 millis")])

const answer = (hot: HotDocument | undefined, view: string, id: string, ifNoneMatch: string | undefined): Response => {
  if (hot === undefined) throw new NotPublished({ view, id })
  return respond(hot, ifNoneMatch)
}

const respond = ({ document, headers }: HotDocument, ifNoneMatch: string | undefined): Response =>
  ifNoneMatch !== undefined && matches(ifNoneMatch, document.etag)
    ? new Response(null, { status: 304, headers })
    : new Response(document.bytes as Uint8Array<ArrayBuffer>, { headers })

/** RFC 9110 §13.1.2: weak comparison, a list, or `*`. */
const matches = (ifNoneMatch: string, etag: string): boolean =>
  ifNoneMatch.trim() === "*" ||
  ifNoneMatch.split(",").some((candidate) => candidate.trim().replace(/^W\//, "") === etag)

const toHot = (document: ViewStore.RenderedDocument): HotDocument => ({
  document,
  headers: {
    "content-type": "application/json",
    etag: document.etag,
    // Shared caches may keep it and must ask whether it is still current.
    "cache-control": "public, no-cache"
  }
})

const keyOf = (view: string, id: string): string => `${view}/${id}`

const reads = Metric.counter("kanau_gateway_reads_total", {
  description: "Public reads by where the document came from",
  incremental: true
})
const hits = Metric.withAttributes(reads, { from: "memory" })
const misses = Metric.withAttributes(reads, { from: "store" })

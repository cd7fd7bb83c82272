/**
 * Public reads: view documents by id, copied as bytes from the view store to the response. Nothing is built, nothing
 * is parsed, and there is no other source: what the store does not hold is 404.
 *
 * Documents that are asked for often are served from memory for as long as the bus tells this process of every change;
 * while it does not, every read goes to the store. A read that sends `Kanau-After` waits until that change is applied,
 * at most {@link Options.causalWait}, and never reads from memory.
 */
import { Correlation, Fault, Id, type System } from "@kanau/core"
import { Bus } from "@kanau/messaging"
import { CausalToken, Projection, ViewStore } from "@kanau/views"
import { Clock, type Duration, Effect, Metric, Option, Schedule, Schema, type Scope } from "effect"
import type { Context as HonoContext, Handler } from "hono"
import * as Answer from "./Answer.ts"
import type { HttpApp } from "./HttpApp.ts"
import type { Environment } from "./internal/environment.ts"
import * as FastPath from "./internal/fastPath.ts"
import * as HotCache from "./internal/hotCache.ts"
import { registerPage } from "./internal/openApi.ts"
import { rawHeader, requestHeader } from "./internal/requestHeader.ts"

/** The document does not exist. */
export class NotPublished extends Fault.define<NotPublished>()(
  "NotPublished",
  "not-found",
  { view: Schema.String, id: Schema.String },
  (fault) => `There is no ${fault.view} ${fault.id}.`
) {}

export interface Options {
  /** How much memory the documents of one kind of page may take; 64 MiB. */
  readonly cacheBytes?: number
  /** How long a causal read waits; 3 seconds. */
  readonly causalWait?: Duration.Input
}

/** One kind of public page. */
export interface Page {
  /** As in OpenAPI, with the parameter `id`: `/v1/notes/{id}`. */
  readonly path: string
  readonly view: string
  readonly summary: string
  /** Schema of the id; anything else is not found, without asking the store. */
  readonly id: Schema.Codec<string, string>
  /** Schema of the answer, for documentation: the bytes were rendered when the view was derived. */
  readonly document: Schema.Constraint
}

export interface ViewGateway {
  /** Adds the page to an application and to its documentation. */
  readonly mount: (app: HttpApp, page: Page) => void
}

/**
 * A page as a part of a role, for `System.make`.
 *
 * @example
 * ```ts
 * import { ViewGateway } from "@kanau/http"
 * import { Schema } from "effect"
 *
 * const page = { path: "/v1/notes/{id}", view: "note", summary: "A note", id: Schema.String, document: Schema.String }
 * ViewGateway.part(page).view // => "note"
 * ```
 */
export const part = ({ path, view, summary }: Page): System.PagePart => ({ kind: "page", path, view, summary })

/** Opens the gateway: it listens for changes until the scope closes. */
export const make = (
  options: Options = {}
): Effect.Effect<ViewGateway, never, ViewStore.ViewStore | Bus.Bus | Scope.Scope> =>
  Effect.gen(function*() {
    const store = yield* ViewStore.ViewStore
    const bus = yield* Bus.Bus
    const context = yield* Effect.context<never>()
    const run = Effect.runPromiseWith(context)
    const ids = yield* Id.generator
    const caches = new Map<string, HotCache.HotCache>()
    const eachCache = (change: (cache: HotCache.HotCache) => void) => () => caches.forEach(change)
    let open = false
    yield* Effect.forkScoped(Effect.forever(Effect.delay(
      Effect.sync(eachCache((cache) => {
        cache.tick()
        // Counting each hit in the metric itself would cost as much as the look-up.
        hits.updateUnsafe(cache.takeHits(), context)
      })),
      "1 second"
    )))
    yield* bus.listen(Projection.changesChannel, {
      onGap: (gap) => {
        open = !gap
        eachCache((cache) => cache.setOpen(open))()
      },
      onMessage: (data) => {
        const changes = Projection.decodeChanges(data)
        if (changes === undefined) eachCache((cache) => cache.setOpen(open))()
        else for (const [view, id] of changes) caches.get(view)?.forget(id)
      }
    })

    const read = (view: string, id: string): HotCache.Flight =>
      run(Effect.map(store.get(view, id), (found) =>
        Option.isSome(found) && !found.value.deleted ? toHot(found.value) : undefined))

    const waitUntilApplied = causalWait(store, options.causalWait ?? "3 seconds")

    const openCache = (view: string): HotCache.HotCache => {
      const cache = new HotCache.HotCache(options.cacheBytes ?? 64 * 2 ** 20)
      cache.setOpen(open)
      caches.set(view, cache)
      return cache
    }

    const handler = ({ view, id: idSchema }: Page, cache: HotCache.HotCache): Handler<Environment> => {
      const isId = Schema.is(idSchema)
      return (c) => {
        const id = c.req.param("id") ?? ""
        const after = requestHeader(c.req.raw, c.env.incoming, "kanau-after")
        if (after !== undefined) {
          return run(waitUntilApplied(after)).then((applied) =>
            applied
              ? read(view, id).then((loaded) =>
                answer(loaded, view, id, c)
              )
              : Answer.reject(c.env.correlation, viewBehind)
          )
        }
        const hot = cache.get(id)
        if (hot !== undefined) return respond(hot, c)
        if (!isId(id)) return answer(undefined, view, id, c)
        misses.updateUnsafe(1, context)
        return cache.load(id, () => read(view, id)).then((loaded) => answer(loaded, view, id, c))
      }
    }

    return {
      mount: (app, page) => {
        const cache = openCache(page.view)
        app.get(page.path.replace("{id}", ":id"), handler(page, cache))
        FastPath.add(app, fromMemory(page, cache, ids))
        registerPage(app.openAPIRegistry, page)
      }
    }
  })

/** Serves what is in memory to plain reads, at the cost of writing it to the socket. */
const fromMemory = (
  page: Page,
  cache: HotCache.HotCache,
  ids: Id.Generator
): FastPath.FastPath => {
  const prefix = page.path.slice(0, page.path.indexOf("{id}"))
  return (incoming, outgoing) => {
    const { url = "", method } = incoming
    if (method !== "GET" || !url.startsWith(prefix)) return false
    // Whatever else is in the URL, such as a query or an escape, makes it a key that is not there.
    const hot = cache.get(url.slice(prefix.length))
    if (hot === undefined || rawHeader(incoming, "kanau-after") !== undefined) return false
    const ifNoneMatch = rawHeader(incoming, "if-none-match")
    const { bytes, etag } = hot.document
    const current = ifNoneMatch !== undefined && matches(ifNoneMatch, etag)
    const headers = (current ? hot.rawHeaders : hot.rawHeadersWithLength).slice()
    headers[1] = Correlation.acceptId(ids, rawHeader(incoming, "x-correlation-id"))
    outgoing.writeHead(current ? 304 : 200, headers)
    outgoing.end(current ? undefined : bytes)
    return true
  }
}

const answer = (
  hot: HotCache.HotDocument | undefined,
  view: string,
  id: string,
  c: HonoContext<Environment>
): Response => {
  if (hot === undefined) throw new NotPublished({ view, id })
  return respond(hot, c)
}

const respond = ({ document, headers }: HotCache.HotDocument, c: HonoContext<Environment>): Response => {
  const ifNoneMatch = requestHeader(c.req.raw, c.env.incoming, "if-none-match")
  return ifNoneMatch !== undefined && matches(ifNoneMatch, document.etag)
    ? Answer.respondWith(c.env.correlation, 304, headers, null)
    : Answer.respondWith(c.env.correlation, 200, headers, document.bytes as Uint8Array<ArrayBuffer>)
}

/** Waits until the store has applied what the header names; false when that takes too long. */
const causalWait =
  (store: ViewStore.ViewStoreService, limit: Duration.Input) =>
  (header: string): Effect.Effect<boolean, Fault.InvalidInput | Fault.Unavailable> =>
    Effect.flatMap(Clock.currentTimeMillis, (now): ReturnType<ReturnType<typeof causalWait>> => {
      const positions = CausalToken.parse(header, now)
      if (positions === undefined) {
        return Effect.fail(
          new Fault.InvalidInput({ issues: [{ path: "Kanau-After", message: "is no Kanau-Position of this service" }] })
        )
      }
      return store.areApplied(positions).pipe(
        Effect.repeat({ until: (applied) => applied, schedule: pollSchedule }),
        Effect.as(true),
        Effect.timeoutOrElse({ duration: limit, orElse: () => Effect.succeed(false) })
      )
    })

const viewBehind: Answer.Refusal = {
  status: 503,
  code: "view-behind",
  message: "The change named in Kanau-After is not visible yet. Try again.",
  headers: { "retry-after": "1" }
}

/** A change shows within milliseconds as a rule; asking becomes rarer while it does not. */
const pollSchedule = Schedule.min([Schedule.exponential("4 millis", 1.5), Schedule.spaced("50 millis")])

/** RFC 9110 §13.1.2: weak comparison, a list, or `*`. */
const matches = (ifNoneMatch: string, etag: string): boolean =>
  ifNoneMatch.trim() === "*" ||
  ifNoneMatch.split(",").some((candidate) => candidate.trim().replace(/^W\//, "") === etag)

const toHot = (found: ViewStore.RenderedDocument): HotCache.HotDocument => {
  // A driver may hand out a view into the whole message it received, which would be kept alive with it.
  const document = { ...found, bytes: Buffer.from(found.bytes) }
  const headers = Answer.prepare({
    "content-type": "application/json",
    etag: document.etag,
    // Shared caches may keep it and must ask whether it is still current.
    "cache-control": "public, no-cache"
  })
  const rawHeaders = ["x-correlation-id", "", ...Object.entries(headers).flat()]
  const length = ["content-length", String(document.bytes.byteLength)]
  return { document, headers, rawHeaders, rawHeadersWithLength: [...rawHeaders, ...length] }
}

const reads = Metric.counter("kanau_gateway_reads_total", {
  description: "Public reads by where the document came from",
  incremental: true
})
const hits = Metric.withAttributes(reads, { from: "memory" })
const misses = Metric.withAttributes(reads, { from: "store" })

/**
 * Public reads: view documents by id, by several ids and as lists, copied as bytes from the view store to the response.
 * Nothing is built, JSON is parsed only for `?fields=`, and there is no other source: what the store does not hold is
 * 404. What a client may ask is declared in {@link Page}; everything else is refused with a sentence that says what is
 * allowed.
 *
 * Documents that are asked for often are served from memory for as long as the bus tells this process of every change;
 * while it does not, every read goes to the store. A change whose announcement is lost shows within ten seconds. Lists
 * always go to the store.
 *
 * A read that sends `Kanau-After` waits until that change is applied, at most {@link Options.causalWait}, and is then
 * answered with a document that was loaded after this process had seen it applied, from memory or from the store.
 *
 * A document is sent in the compressed form the store holds, or as it is; nothing is compressed here. Lists and parts of
 * documents are not compressed: that is left to a proxy.
 */
import { Fault, Id, type System } from "@kanau/core"
import { Bus } from "@kanau/messaging"
import { Changes, Generations, ViewStore } from "@kanau/views"
import { type Duration, Effect, Metric, type Scope } from "effect"
import type { HttpApp } from "./HttpApp.ts"
import * as CrossOrigin from "./internal/crossOrigin.ts"
import * as FastPath from "./internal/fastPath.ts"
import * as Causal from "./internal/gateway/causal.ts"
import * as FromMemory from "./internal/gateway/fromMemory.ts"
import * as Handlers from "./internal/gateway/handlers.ts"
import { HotCache } from "./internal/gateway/hotCache.ts"
import { registerPage } from "./internal/gateway/pageDocs.ts"
import * as PublicHeaders from "./internal/gateway/publicHeaders.ts"
import * as Reads from "./internal/gateway/reads.ts"
import type { Page } from "./Page.ts"

export type { List, Page } from "./Page.ts"

export { NotPublished } from "./internal/gateway/notPublished.ts"

export interface Options {
  /** How much memory the documents of one kind of page may take, all forms and overhead; 64 MiB. */
  readonly cacheBytes?: number
  /** How long a causal read waits; 3 seconds. */
  readonly causalWait?: Duration.Input
  /**
   * Headers beside those of the pages, asked for with every answer: hand out the same object for as long as they are the
   * same.
   */
  readonly headers?: () => Readonly<Record<string, string>>
}

export interface ViewGateway {
  /** Adds the page to an application and to its documentation. */
  readonly mount: (app: HttpApp, page: Page) => void
  /** Those of the documents that exist, from memory where that is allowed; nothing for a view that has no page here. */
  readonly documents: (
    view: string,
    ids: ReadonlyArray<string>
  ) => Effect.Effect<ReadonlyMap<string, Document>, Fault.Unavailable> | undefined
  /** Tells of the changes of a view until the gateway closes, first whether it hears of them at all. */
  readonly follow: (view: string, follower: Follower) => void
}

/** A document as it is stored. */
export type Document = Pick<ViewStore.RenderedDocument, "etag" | "bytes">

/** Whoever keeps copies of documents, or of what is in them. */
export interface Follower {
  /** Changes are heard of from now on, or no longer. Either way, some may have been missed. */
  readonly setOpen: (open: boolean) => void
  /** Every document may have changed. */
  readonly clear: () => void
  /** The document may have changed. */
  readonly forget: (id: string) => void
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
    const ids = yield* Id.generator
    const moments = { now: 0 }
    /** Views that have a page. */
    const shown = new Map<string, { readonly cache: HotCache; readonly reads: Reads.Reads }>()
    const setOpen = (isOpen: boolean) => {
      open = isOpen
      for (const some of followers.values()) for (const one of some) one.setOpen(open)
    }
    let open = false
    yield* Effect.forkScoped(Effect.forever(Effect.delay(
      Effect.sync(() => {
        let bytes = 0
        for (const { cache } of shown.values()) {
          cache.tick()
          bytes += cache.bytes
          // Counting each hit in the metric itself would cost as much as the look-up.
          Reads.hits.updateUnsafe(cache.takeHits(), context)
        }
        held.updateUnsafe(bytes, context)
      }),
      "1 second"
    )))
    const followers = new Map<string, Array<Follower>>()
    const tell = (view: string, what: (follower: Follower) => void) => followers.get(view)?.forEach(what)
    const follow = (view: string, follower: Follower) => {
      followers.set(view, [...followers.get(view) ?? [], follower])
      follower.setOpen(open)
    }
    const generations = yield* Generations.watch({ onSwitch: (view) => tell(view, (one) => one.clear()) })
    yield* bus.listen(Changes.channel, {
      onGap: (gap) => setOpen(!gap),
      onMessage: (data) => {
        const changes = Changes.decode(data)
        if (changes === undefined) setOpen(open)
        else for (const [view, id] of changes) tell(view, (one) => one.forget(id))
      }
    })
    const waitUntilApplied = Causal.make(store, options.causalWait ?? "3 seconds", moments)
    const run = Effect.runPromiseWith(context)

    return {
      mount: (app, page) => {
        if (!page.path.endsWith("/{id}")) throw new Error(`The path of a page ends in /{id}, ${page.path} does not`)
        const { view } = page
        if (shown.has(view)) throw new Error(`The view ${view} has two pages; give it one`)
        const cache = new HotCache(options.cacheBytes ?? 64 * 2 ** 20, moments)
        const reads = Reads.make(view, cache, store, generations, context)
        shown.set(view, { cache, reads })
        follow(view, cache)
        const shared = {
          page,
          cache,
          reads,
          content: PublicHeaders.withMore(
            PublicHeaders.content(page.cacheControl ?? "public, no-cache"),
            options.headers
          ),
          causal: (header: string) => run(waitUntilApplied(header))
        }
        const prefix = page.path.slice(0, -"{id}".length)
        const paths = [[`${prefix}:id`, Handlers.one(shared)], [prefix.slice(0, -1), Handlers.several(shared)]] as const
        for (const [path, handler] of paths) {
          app.get(path, handler)
          app.options(path, CrossOrigin.preflighted)
        }
        FastPath.add(app, FromMemory.make(prefix, cache, shared.content, ids))
        registerPage(app.openAPIRegistry, page)
      },
      documents: (view, ids) => {
        const found = shown.get(view)
        return found === undefined ? undefined : documentsOf(found.reads, ids)
      },
      follow
    }
  })

const documentsOf = (
  reads: Reads.Reads,
  ids: ReadonlyArray<string>
): Effect.Effect<ReadonlyMap<string, Document>, Fault.Unavailable> =>
  Effect.tryPromise({ try: () => reads.many(ids, 0), catch: (error) => error }).pipe(
    Effect.catch((error) => error instanceof Fault.Unavailable ? Effect.fail(error) : Effect.die(error)),
    Effect.map((found) => new Map(Array.from(found, ([id, { plain }]) => [id, plain])))
  )

const held = Metric.gauge("kanau_gateway_cache_bytes", {
  description: "Memory that documents kept by the gateway take"
})

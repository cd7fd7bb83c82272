/** A gateway whose store and bus do only what the test decides. */
import { Processor } from "@kanau/core"
import { HttpApp, ViewGateway } from "@kanau/http"
import { Bus } from "@kanau/messaging"
import { MemoryViewStore } from "@kanau/testing"
import { Changes, Generations, ViewStore } from "@kanau/views"
import { Effect, Layer, Schema } from "effect"
import { gzipSync } from "node:zlib"

/** What may be said of a document beside its id and text. */
interface More {
  readonly deleted?: boolean
  readonly fields?: ViewStore.ViewDocument["fields"]
  readonly gzip?: boolean
  readonly collection?: string
}

export const world = () => {
  const store = MemoryViewStore.make()
  let listener: Parameters<Bus.BusService["listen"]>[1] | undefined
  let version = 0n
  /** Counts, and holds the answer back after it was made. */
  const counted = <A, E>(read: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.flatMap(read, (seen) => {
      self.reads++
      return Effect.as(self.hold, seen)
    })
  const bus: Pick<Bus.BusService, "listen"> = { listen: (_, to) => Effect.sync(() => void (listener = to)) }
  const self = {
    store,
    reads: 0,
    /** What a read waits for before it answers with what it saw when it began. */
    hold: Effect.void as Effect.Effect<void>,
    put: (id: string, text: string, { collection = "note", deleted = false, fields = {}, gzip = false }: More = {}) => {
      const bytes = new TextEncoder().encode(JSON.stringify({ id, text, ...fields }))
      version++
      Effect.runSync(store.replaceIfNewer(collection, [{
        id,
        version,
        revision: 1,
        derivedAt: 0,
        etag: `"${text}"`,
        bytes,
        gzip: gzip ? gzipSync(bytes) : null,
        fields,
        deleted,
        base: version,
        parts: {}
      }]))
    },
    apply: (...positions: ReadonlyArray<string>) => Effect.runSync(store.markApplied(positions)),
    changed: (...ids: ReadonlyArray<string>) =>
      listener?.onMessage(Changes.encode(ids.map((id) => ["note", id] as const))),
    /** Something that is no announcement. */
    babble: () => listener?.onMessage(new Uint8Array([1, 2, 3])),
    gap: (isOpen: boolean) => listener?.onGap(isOpen),
    /** Shows another generation of the notes. */
    show: (generation: number) =>
      Effect.provideService(
        Effect.flatMap(Generations.read("note"), (now) =>
          Generations.change("note", now, { ...now, live: generation, previous: now.live })),
        ViewStore.ViewStore,
        store
      ),
    layer: Layer.mergeAll(
      Layer.succeed(ViewStore.ViewStore, {
        ...store,
        get: (collection, id) => counted(store.get(collection, id)),
        getMany: (collection, ids) => counted(store.getMany(collection, ids)),
        find: (collection, query) => counted(store.find(collection, query))
      }),
      Layer.mock(Bus.Bus, bus)
    )
  }
  return self
}

export type World = ReturnType<typeof world>

// #region page
export const page = {
  path: "/note/{id}",
  view: "note",
  summary: "A note",
  id: Schema.String.check(Schema.isMaxLength(8)),
  document: Schema.Struct({ id: Schema.String, text: Schema.String }).annotate({ identifier: "Note" }),
  fields: ["id", "text", "size"],
  list: {
    types: { author: "text", size: "number", done: "boolean", tags: "texts", ranks: "numbers" },
    filters: ["author", "size", "done", "tags", "ranks"],
    sorts: ["size", "-size,author", "author"],
    maxLimit: 20,
    defaultLimit: 5
  }
} as const satisfies ViewGateway.Page
// #endregion

// #region application
/** The page in an application of its own. */
export const application = (gateway: ViewGateway.ViewGateway) =>
  Effect.map(HttpApp.make({ title: "Notes", version: "1", service: Processor.serve(), routes: [] }), (app) => {
    gateway.mount(app, page)
    return app
  })
// #endregion

type Get = (path: string, headers?: Record<string, string>, method?: string) => Promise<Response>

export const withGateway = (
  test: (here: World, get: Get) => Effect.Effect<void, unknown>,
  options?: ViewGateway.Options
) =>
  Effect.suspend(() => {
    const here = world()
    return Effect.scoped(Effect.gen(function*() {
      const gateway = yield* ViewGateway.make(options)
      const app = yield* application(gateway)
      yield* test(here, (path, headers = {}, method = "GET") =>
        Promise.resolve(app.fetch(new Request(`http://test${path}`, { headers, method }))))
    })).pipe(Effect.provide(here.layer))
  })

export const codeOf = async (response: Response) => ((await response.json()) as { error: { code: string } }).error.code

/** What an answer of 400 complains about: parameters and sentences. */
export const issuesOf = async (response: Response) =>
  ((await response.json()) as { error: { details: ReadonlyArray<{ path: string; message: string }> } }).error.details

/**
 * The HTTP API of VNDB ("Kana") on a gateway: the same paths, members, statuses and sentences, so that clients of VNDB need
 * nothing but another address. Everything comes from view documents; there is no other source.
 *
 * A query is answered within {@link Options.timeout}, or told that it takes too long, and so many are answered at the same
 * time. It changes nothing: there is no PATCH and no DELETE.
 *
 * What VNDB lacks is in headers: answers say which dump the data are of (see `Source`), and what is asked with `Kanau-After`
 * shows that change, or is 503.
 */
import { Answer, Body, type HttpApp, type ViewGateway } from "@kanau/http"
import { Generations, ViewStore } from "@kanau/views"
import { Cause, Context, type Duration, Effect, Exit, type Scope, Semaphore } from "effect"
import * as Accounts from "./Accounts.ts"
import { execute, type Reader } from "./Execute.ts"
import { type Endpoint, fields } from "./Fields.ts"
import * as Causal from "./internal/causal.ts"
import * as Headers from "./internal/headers.ts"
import * as Memory from "./internal/memory.ts"
import { inJson } from "./internal/writing.ts"
import { type KanaError, refused } from "./KanaError.ts"
import { describeIn } from "./OpenApi.ts"
import * as Query from "./Query.ts"
import { schema } from "./Schema.ts"
import * as Source from "./Source.ts"
import * as Stats from "./Stats.ts"
import * as Store from "./Store.ts"

/** Bounds of the API. */
export interface Options {
  /** How long a query may take; 3 seconds. */
  readonly timeout?: Duration.Input
  /** How many queries are answered at the same time; 32. Others wait, within their time. */
  readonly concurrency?: number
  /** How long a read that sends `Kanau-After` waits for the change; 3 seconds. That comes before `timeout`. */
  readonly causalWait?: Duration.Input
  /** Largest request body in bytes; 1 MiB. */
  readonly bodyLimit?: number
  /** Which dump the data are of, when somebody follows that already. */
  readonly told?: Source.Told
  /** Whose memory of documents is shared; without one everything is read from the store. */
  readonly gateway?: ViewGateway.ViewGateway
}

/** The API, ready to be mounted. */
export interface Api {
  /** Adds it to an application under `/kana`, and to its documentation. */
  readonly mount: (app: HttpApp.HttpApp) => void
}

/** Where the API is. */
const base = "/kana"

/**
 * What a client over its limit is told under the paths of the API; for `HttpApp.Options.overLimit`.
 *
 * @example
 * ```ts
 * import * as Api from "@kanau/vndb/kana/Api"
 *
 * Api.overLimit("/kana/vn")?.body // => "Throttled on query execution time.\n"
 * Api.overLimit("/v1/vn") // => undefined
 * ```
 */
export const overLimit = (url: string): Answer.Answer | undefined =>
  url.startsWith(`${base}/`)
    ? { status: 429, headers: { ...Headers.text, ...Headers.open }, body: "Throttled on query execution time.\n" }
    : undefined

type Asking = HttpApp.Asked
type Answering = (c: Asking) => Promise<Response> | Response

/** Who asks and with what. */
interface Request {
  readonly reader: Reader | null
  readonly query: () => URLSearchParams
  /** It must show a change: what was kept in memory from before it will not do. */
  readonly isCausal: boolean
  /** What answers it. */
  readonly store: Store.Store
}

/**
 * Opens the API: it follows which generations of views are shown until the scope closes.
 *
 * @example
 * ```ts
 * const api = yield* Api.make()
 * api.mount(app)
 * ```
 */
export const make = (
  options: Options = {}
): Effect.Effect<Api, never, ViewStore.ViewStore | Scope.Scope> =>
  Effect.gen(function*() {
    const { bodyLimit = 2 ** 20, causalWait = "3 seconds", concurrency = 32, timeout = "3 seconds" } = options
    let memory: Store.Memory | undefined
    const generations = yield* Generations.watch({ onSwitch: (view) => memory?.labels.get(view)?.clear() })
    const documents = Store.make(yield* ViewStore.ViewStore, generations)
    if (options.gateway !== undefined) memory = yield* Memory.follow(options.gateway, documents)
    const store = memory === undefined ? documents : Store.remembering(documents, memory)
    const stats = yield* Stats.make(store)
    const told = options.told ?? (yield* Source.watch)
    const causal = Causal.waiting(yield* ViewStore.ViewStore, causalWait)
    const semaphore = yield* Semaphore.make(concurrency)
    const run = Effect.runPromiseExitWith(Context.omit(ViewStore.ViewStore)(yield* Effect.context<never>()))

    /** Runs what makes an answer, within the bounds. */
    const answered = async (
      c: Asking,
      reply: (request: Request) => Effect.Effect<Uint8Array<ArrayBuffer>, KanaError | Store.Trouble>
    ): Promise<Response> => {
      const header = c.req.header("authorization")
      const after = c.req.header(Causal.after)
      const isCausal = after !== undefined
      const asked = isCausal ? documents : store
      const replied = Effect.flatMap(
        Accounts.readerOf(asked, header),
        (reader) => reply({ reader, query: () => new URL(c.req.url).searchParams, isCausal, store: asked })
      ).pipe(
        semaphore.withPermits(1),
        Effect.timeoutOrElse({ duration: timeout, orElse: () => Effect.fail(tooSlow) })
      )
      const exit = await run(
        (after === undefined ? replied : Effect.andThen(causal(after), replied)).pipe(
          Effect.tapCause((cause) => isOurs(cause) ? Effect.logError("A query failed", cause) : Effect.void)
        )
      )
      return Exit.isSuccess(exit)
        ? respond(c, 200, { ...Headers.json, ...told() }, exit.value)
        : refuse(c, errorOf(exit.cause))
    }
    const queried = (endpoint: Endpoint): Answering => (c) =>
      Body.read(c.req.raw, bodyLimit, false).then((body) => {
        if ("refusal" in body) return refuse(c, body.refusal.status === 413 ? tooLarge : refused("Invalid query."))
        return answered(c, ({ reader, store }) =>
          Effect.flatMap(
            Effect.fromResult(Query.parse(endpoint, body.json, reader?.id ?? null)),
            (query) => execute(store, query, reader)
          ))
      })
    const reads: Readonly<Record<string, Answering>> = {
      schema: (c) => respond(c, 200, Headers.json, schemaText),
      stats: (c) => answered(c, ({ isCausal }) => Effect.map(isCausal ? stats.again : stats.lately, inJson)),
      user: (c) => answered(c, ({ query, store }) => Effect.map(Accounts.users(store, query()), inJson)),
      authinfo: (c) => answered(c, ({ reader, store }) => Effect.map(Accounts.authinfo(store, reader), inJson)),
      ulist_labels: (c) =>
        answered(c, ({ query, reader, store }) => Effect.map(Accounts.labels(store, query(), reader), inJson))
    }
    return {
      mount: (app) => {
        for (const [name, read] of Object.entries(reads)) app.get(`${base}/${name}`, read)
        // The endpoints are the names of their fields.
        for (const name of Object.keys(fields) as ReadonlyArray<Endpoint>) app.post(`${base}/${name}`, queried(name))
        app.options(`${base}/*`, (c) => respond(c, 204, Headers.preflight, null))
        app.all(`${base}/*`, (c) => refuse(c, missing))
        describeIn(app, base)
      }
    }
  })

const schemaText = JSON.stringify(schema)

const respond = (
  c: Asking,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string | Uint8Array<ArrayBuffer> | null
) =>
  Answer.respond(
    c.env.correlation,
    status,
    { ...headers, ...Headers.openTo(c.req.header("origin"), c.req.header("authorization") !== undefined) },
    body
  )

const refuse = (c: Asking, { status, text }: KanaError): Response =>
  respond(c, status, { ...Headers.text, ...Headers.beside[status] }, `${text}\n`)

const tooSlow: KanaError = { status: 500, text: "Processing timeout" }
const failed: KanaError = { status: 500, text: "Internal Server Error" }
const down: KanaError = { status: 502, text: "Temporarily unavailable, try again later." }
const missing: KanaError = { status: 404, text: "Not found." }
const tooLarge: KanaError = { status: 413, text: "Request too large." }

/** What a request is answered with when it was not answered well. */
const errorOf = (cause: Cause.Cause<KanaError | Store.Trouble>): KanaError => {
  const error = cause.reasons.find(Cause.isFailReason)?.error
  if (error === undefined) return failed
  if ("status" in error) return error
  return error.kind === "unavailable" ? down : failed
}

const isOurs = (cause: Cause.Cause<KanaError | Store.Trouble>): boolean => errorOf(cause) === failed

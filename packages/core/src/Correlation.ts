/**
 * Who asked for the work that is running now. A runner sets it once per request or message; outbox, bus and logger
 * read it, so one id follows a change from the HTTP request to the last consumer.
 */
import { Context, Effect, Tracer } from "effect"
import * as Id from "./Id.ts"

/** The correlation of the running work. */
export interface Correlation {
  /** Shared by everything one outside request set in motion. */
  readonly correlationId: string
  /** Id of the message that is being processed, when there is one: the cause of what is published now. */
  readonly causationId?: string
  /** W3C trace context of the running work. */
  readonly traceparent: string
}

/**
 * The correlation of the current fiber; work outside any request has the correlation `-`.
 *
 * @example
 * ```ts
 * import { Correlation } from "@kanau/core"
 * import { Effect } from "effect"
 *
 * const id = Effect.map(Correlation.Correlation, ({ correlationId }) => correlationId)
 * Effect.runSync(id) // => "-"
 * ```
 */
export const Correlation: Context.Reference<Correlation> = Context.Reference<Correlation>("@kanau/core/Correlation", {
  defaultValue: () => ({ correlationId: "-", traceparent: `00-${"0".repeat(31)}1-${"0".repeat(15)}1-00` })
})

/** What a correlation id from outside must look like; anything else is replaced, so nothing can forge a log line. */
const acceptable = /^[A-Za-z0-9._-]{1,128}$/
const traceContext = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})$/

/**
 * The correlation of work that came in with these headers. Missing or unacceptable values are replaced by new ones;
 * a valid `traceparent` keeps its trace id and gets a new parent id, as each hop must. The trace is made when it is
 * first asked for: most requests are answered without anybody asking.
 *
 * @example
 * ```ts
 * import { Correlation, Id } from "@kanau/core"
 * import { Effect } from "effect"
 *
 * const ids = Effect.runSync(Id.generator)
 * Correlation.accept(ids, { correlationId: "order-17" }).correlationId // => "order-17"
 * Correlation.accept(ids, { correlationId: "two\nlines" }).correlationId === "two\nlines" // => false
 * ```
 */
export const accept = (
  ids: Id.Generator,
  headers: {
    readonly correlationId?: string | undefined
    readonly causationId?: string | undefined
    readonly traceparent?: string | undefined
  }
): Correlation => new Accepted(ids, headers)

class Accepted implements Correlation {
  readonly correlationId: string
  declare readonly causationId?: string
  readonly #ids: Id.Generator
  readonly #inbound: string | undefined
  #traceparent: string | undefined

  constructor(ids: Id.Generator, headers: Parameters<typeof accept>[1]) {
    this.correlationId = acceptId(ids, headers.correlationId)
    if (headers.causationId !== undefined) this.causationId = headers.causationId
    this.#ids = ids
    this.#inbound = headers.traceparent
  }

  get traceparent(): string {
    return this.#traceparent ??= continued(this.#ids, this.#inbound)
  }
}

const continued = (ids: Id.Generator, inbound: string | undefined): string => {
  const trace = inbound === undefined ? null : traceContext.exec(inbound)
  return `00-${trace?.[1] ?? ids.hex(16)}-${ids.hex(8)}-${trace?.[2] ?? "00"}`
}

/**
 * The remote span that a valid `traceparent` names, as the parent of spans that open here.
 *
 * @example
 * ```ts
 * import { Correlation } from "@kanau/core"
 *
 * Correlation.parentSpan("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").spanId // => "b7ad6b7169203331"
 * ```
 */
export const parentSpan = (traceparent: string): Tracer.ExternalSpan =>
  Tracer.externalSpan({
    traceId: traceparent.slice(3, 35),
    spanId: traceparent.slice(36, 52),
    sampled: (Number.parseInt(traceparent.slice(53, 55), 16) & 1) === 1
  })

/**
 * The trace context for what is sent now: that of the open span if it belongs to the trace of the running work (or the
 * work has none), else the correlation's own.
 *
 * @example
 * ```ts
 * import { Correlation } from "@kanau/core"
 * import { Effect } from "effect"
 *
 * const work = { correlationId: "order-17", traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" }
 * const sent = Effect.provideService(Correlation.outgoingTraceparent, Correlation.Correlation, work)
 * Effect.runSync(sent) === work.traceparent // => true
 * ```
 */
export const outgoingTraceparent: Effect.Effect<string> = Effect.withFiber((fiber) => {
  const { correlationId, traceparent } = fiber.getRef(Correlation)
  const span = fiber.cache.tracerEnabled ? Context.getOrUndefined(fiber.context, Tracer.ParentSpan) : undefined
  return Effect.succeed(
    span !== undefined && (correlationId === "-" || traceparent.startsWith(span.traceId, 3))
      ? `00-${span.traceId}-${span.spanId}-${span.sampled ? "01" : "00"}`
      : traceparent
  )
})

/**
 * An acceptable correlation id as it came, or a new one.
 *
 * @example
 * ```ts
 * import { Correlation, Id } from "@kanau/core"
 * import { Effect } from "effect"
 *
 * const ids = Effect.runSync(Id.generator)
 * Correlation.acceptId(ids, "order-17") // => "order-17"
 * Correlation.acceptId(ids, undefined).length // => 36
 * ```
 */
export const acceptId = (ids: Id.Generator, inbound: string | undefined): string =>
  inbound !== undefined && acceptable.test(inbound) ? inbound : ids.randomUuid()

/**
 * A fresh correlation for work that nobody outside asked for: a schedule tick, an import, a command line.
 *
 * @example
 * ```ts
 * import { Correlation } from "@kanau/core"
 * import { Effect } from "effect"
 *
 * Effect.runSync(Correlation.start).correlationId.length // => 36
 * ```
 */
export const start: Effect.Effect<Correlation> = Effect.map(Id.generator, (ids) => accept(ids, {}))

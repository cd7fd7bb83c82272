/**
 * Work that must not run twice, such as charging a card, says so in its type: it needs {@link OnceOnly}. Nothing
 * provides that; only what keeps duplicates away takes the need off: the inbox (`Inbox.deduplicate`), the
 * `Layers.idempotency` layer, or {@link duplicatesAccepted}, which is there to be found by a search for its name. So a
 * queue, which delivers at least once, cannot be wired to such work by accident: it does not compile.
 *
 * `Layers.retry` and `Layers.hedge` refuse such work too: put them inside of what takes the need off only when the
 * other side knows duplicates when it sees them.
 *
 * All of this is types; nothing is left of it at run time.
 */
import { Context } from "effect"
import { layered } from "./internal/shape.ts"
import type { Passthrough, Processor } from "./processor/Types.ts"

/**
 * What work needs that must not run twice.
 *
 * @example
 * ```ts
 * import { OnceOnly } from "@kanau/core"
 *
 * OnceOnly.OnceOnly.key // => "@kanau/core/OnceOnly"
 * ```
 */
export class OnceOnly extends Context.Service<OnceOnly, "never provided">()("@kanau/core/OnceOnly") {}

/**
 * Marks work that must not run twice.
 *
 * @example
 * ```ts
 * import { OnceOnly, Processor } from "@kanau/core"
 * import { Effect, pipe } from "effect"
 *
 * const charge = pipe((cents: number) => Effect.succeed(`charged ${cents}`), OnceOnly.required)
 * // Effect.runSync(charge(100)) does not compile: OnceOnly is missing.
 * Processor.shape(charge).layers.map(({ layer }) => layer) // => ["onceOnly"]
 * ```
 */
export const required: Passthrough<never, OnceOnly> = (next) => layered("onceOnly", {}, next, (input) => next(input))

/**
 * Takes the need off because running twice is acceptable here, for the reason given. The reason stands in
 * descriptions.
 *
 * @example
 * ```ts
 * import { OnceOnly } from "@kanau/core"
 * import { Effect, pipe } from "effect"
 *
 * const mail = pipe((to: string) => Effect.succeed(`sent to ${to}`), OnceOnly.required)
 * const twiceIsFine = pipe(mail, OnceOnly.duplicatesAccepted("a second reminder harms nobody"))
 * Effect.runSync(twiceIsFine("ada")) // => "sent to ada"
 * ```
 */
export const duplicatesAccepted =
  (reason: string) =>
  <In, Out, Err, Req>(next: Processor<In, Out, Err, Req>): Processor<In, Out, Err, Exclude<Req, OnceOnly>> =>
    layered("duplicatesAccepted", { reason }, next, discharged(next))

/**
 * A processor whose need for {@link OnceOnly} the caller has seen to. For layers that keep duplicates away.
 *
 * @example
 * ```ts
 * import { OnceOnly } from "@kanau/core"
 * import { Effect } from "effect"
 *
 * const charge = OnceOnly.required((cents: number) => Effect.succeed(cents))
 * Effect.runSync(OnceOnly.discharged(charge)(100)) // => 100
 * ```
 */
export const discharged = <In, Out, Err, Req>(
  next: Processor<In, Out, Err, Req>
): Processor<In, Out, Err, Exclude<Req, OnceOnly>> =>
  // The service does not exist at run time, so nothing can ask for it.
  next as Processor<In, Out, Err, Exclude<Req, OnceOnly>>

/** `unknown` for work that may run twice; for other work a type that no processor has, whose name says why. */
export type MayRunTwice<Req> = OnceOnly extends Req ? "This work must not run twice: see OnceOnly" : unknown

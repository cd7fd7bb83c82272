/**
 * What view-managers tell those who keep copies of documents: which ones may have changed. It may be lost on the way; a
 * gateway that misses it still sees the change when its copy expires.
 */
import { Bus } from "@kanau/messaging"
import { Effect } from "effect"

/** The channel on which gateways listen. */
export const channel = "kanau.views"

/** View and id of a document that may have changed. */
export type Changed = readonly [view: string, id: string]

/** Tells everybody; nothing goes wrong when that fails. */
export const announce = (changed: ReadonlyArray<Changed>): Effect.Effect<void, never, Bus.Bus> =>
  changed.length === 0
    ? Effect.void
    : Effect.flatMap(Bus.Bus, (bus) => Effect.ignore(bus.broadcast(channel, encode(changed))))

/**
 * The bytes of an announcement.
 *
 * @example
 * ```ts
 * import { Changes } from "@kanau/views"
 *
 * Changes.decode(Changes.encode([["vn", "v17"]])) // => [["vn", "v17"]]
 * ```
 */
export const encode = (changed: ReadonlyArray<Changed>): Uint8Array => new TextEncoder().encode(JSON.stringify(changed))

/**
 * Reads {@link encode} back; `undefined` if it is something else, after which anything may have changed.
 *
 * @example
 * ```ts
 * import { Changes } from "@kanau/views"
 *
 * Changes.decode(new Uint8Array([1, 2, 3])) // => undefined
 * ```
 */
export const decode = (data: Uint8Array): ReadonlyArray<Changed> | undefined => {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(data))
    return isChanges(value) ? value : undefined
  } catch {
    return undefined
  }
}

const isChanges = (value: unknown): value is ReadonlyArray<Changed> =>
  Array.isArray(value) &&
  value.every((one) => Array.isArray(one) && typeof one[0] === "string" && typeof one[1] === "string")

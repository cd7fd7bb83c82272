/**
 * A small key-value store with expiry, for state that may be lost: idempotency answers, sessions, one-time secrets.
 * Keys are text without white space, values are text.
 */
import { Clock, Context, Effect, Layer, Option } from "effect"
import type * as Fault from "./Fault.ts"

/**
 * The port. Every operation is atomic on its key. An expired key behaves as if it had never been written.
 * A store that does not answer within its time-out fails with {@link Fault.Unavailable}.
 */
export interface KeyValueService {
  /** Reads. */
  readonly get: (key: string) => Effect.Effect<Option.Option<string>, Fault.Unavailable>
  /** Writes, whatever was there. */
  readonly set: (key: string, value: string, ttlMillis: number) => Effect.Effect<void, Fault.Unavailable>
  /** Writes only if the key is free; says whether it wrote. */
  readonly setIfAbsent: (key: string, value: string, ttlMillis: number) => Effect.Effect<boolean, Fault.Unavailable>
  /** Reads and deletes in one step: of two callers, one gets the value. */
  readonly take: (key: string) => Effect.Effect<Option.Option<string>, Fault.Unavailable>
  /** Frees the key. */
  readonly remove: (key: string) => Effect.Effect<void, Fault.Unavailable>
  /**
   * Writes only if the value is still `expected`; says whether it wrote. With values that are used once (a claim with
   * an id in it) this is a fence: who lost the key cannot overwrite what came after.
   */
  readonly replaceIf: (
    key: string,
    expected: string,
    value: string,
    ttlMillis: number
  ) => Effect.Effect<boolean, Fault.Unavailable>
  /** Frees the key only if the value is still `expected`; says whether it did. */
  readonly removeIf: (key: string, expected: string) => Effect.Effect<boolean, Fault.Unavailable>
}

/**
 * The store a system is given.
 *
 * @example
 * ```ts
 * import { KeyValue } from "@kanau/core"
 * import { Effect } from "effect"
 *
 * const stored = Effect.gen(function*() {
 *   const store = yield* KeyValue.KeyValue
 *   yield* store.set("greeting", "hello", 1000)
 *   return yield* store.get("greeting")
 * })
 * Effect.runSync(Effect.provide(stored, KeyValue.layerMemory()))._tag // => "Some"
 * ```
 */
export class KeyValue extends Context.Service<KeyValue, KeyValueService>()("@kanau/core/KeyValue") {}

/**
 * The embedded adapter: a map in this process, gone with it. Holds at most `capacity` keys, dropping the oldest.
 *
 * @example
 * ```ts
 * import { KeyValue } from "@kanau/core"
 * import { Effect } from "effect"
 *
 * const first = KeyValue.KeyValue.use((store) => store.setIfAbsent("lock", "mine", 1000))
 * Effect.runSync(Effect.provide(first, KeyValue.layerMemory({ capacity: 10 }))) // => true
 * ```
 */
export const layerMemory = (options: { readonly capacity: number } = { capacity: 100_000 }): Layer.Layer<KeyValue> =>
  Layer.effect(
    KeyValue,
    Effect.map(Clock.Clock, (clock) => {
      const entries = new Map<string, { readonly value: string; readonly expiresAt: number }>()
      const read = (key: string): Option.Option<string> => {
        const entry = entries.get(key)
        if (entry === undefined) return Option.none()
        if (entry.expiresAt > clock.currentTimeMillisUnsafe()) return Option.some(entry.value)
        entries.delete(key)
        return Option.none()
      }
      const write = (key: string, value: string, ttlMillis: number) => {
        entries.delete(key)
        entries.set(key, { value, expiresAt: clock.currentTimeMillisUnsafe() + ttlMillis })
        if (entries.size > options.capacity) entries.delete(entries.keys().next().value as string)
      }
      const holds = (key: string, expected: string): boolean => Option.getOrUndefined(read(key)) === expected
      return KeyValue.of({
        get: (key) => Effect.sync(() => read(key)),
        set: (key, value, ttlMillis) => Effect.sync(() => write(key, value, ttlMillis)),
        setIfAbsent: (key, value, ttlMillis) =>
          Effect.sync(() => {
            if (Option.isSome(read(key))) return false
            write(key, value, ttlMillis)
            return true
          }),
        take: (key) =>
          Effect.sync(() => {
            const value = read(key)
            entries.delete(key)
            return value
          }),
        remove: (key) => Effect.sync(() => void entries.delete(key)),
        replaceIf: (key, expected, value, ttlMillis) =>
          Effect.sync(() => {
            if (!holds(key, expected)) return false
            write(key, value, ttlMillis)
            return true
          }),
        removeIf: (key, expected) => Effect.sync(() => holds(key, expected) && entries.delete(key))
      })
    })
  )

/**
 * Identifiers for messages and requests: UUID version 7 from Effect's `Clock` and `Random`, so that a test with a
 * virtual clock and a seed gets the same ids every time. Not secrets: never use one as a token.
 */
import { Clock, Effect, Random } from "effect"

/** Makes ids outside an Effect; see {@link generator}. */
export interface Generator {
  /** A new UUID that sorts by time (version 7). */
  readonly uuid: () => string
  /**
   * A new UUID without a time (version 4), for what is never sorted. Its front is drawn once per four billion ids, its
   * end counts: unique, cheap, and easy to guess.
   */
  readonly randomUuid: () => string
  /** `bytes` random bytes in lower-case hex. */
  readonly hex: (bytes: number) => string
}

/**
 * A synchronous generator over the current clock and random source, for code that runs once per request.
 *
 * @example
 * ```ts
 * import { Id } from "@kanau/core"
 * import { Effect } from "effect"
 *
 * const ids = Effect.runSync(Id.generator)
 * ids.uuid()[14] // => "7"
 * ids.hex(8).length // => 16
 * ```
 */
export const generator: Effect.Effect<Generator> = Effect.gen(function*() {
  const clock = yield* Clock.Clock
  const random = yield* Random.Random
  const word = () => Math.floor(random.nextDoubleUnsafe() * 2 ** 32)
  let prefix = ""
  let last = 0
  let left = 0
  return {
    uuid: () => {
      const millis = clock.currentTimeMillisUnsafe()
      const [a, b, c] = [word(), word(), word()]
      return `${hex32(Math.floor(millis / 2 ** 16))}-${hex16(millis % 2 ** 16)}-7${hex16(a).slice(1)}-${
        hex16(0x8000 | (a >>> 16) & 0x3fff)
      }-${hex32(b)}${hex16(c)}`
    },
    randomUuid: () => {
      if (left === 0) {
        prefix = `${hex32(word())}-${hex16(word())}-4${hex16(word()).slice(1)}-${hex16(0x8000 | word() & 0x3fff)}-${
          hex16(word())
        }`
        last = word()
        left = 2 ** 32
      }
      left--
      last = (last + 1) >>> 0
      return prefix + hex32(last)
    },
    hex: (bytes) => {
      let digits = ""
      while (digits.length < bytes * 2) digits += hex32(word())
      return digits.slice(0, bytes * 2)
    }
  }
})

/**
 * A new UUID.
 *
 * @example
 * ```ts
 * import { Id } from "@kanau/core"
 * import { Effect } from "effect"
 *
 * Effect.runSync(Id.next).length // => 36
 * ```
 */
export const next: Effect.Effect<string> = Effect.map(generator, (ids) => ids.uuid())

const pairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"))
const hex8 = (value: number): string => pairs[value & 0xff] as string
const hex16 = (value: number): string => hex8(value >>> 8) + hex8(value)
const hex32 = (value: number): string => hex16(value >>> 16) + hex16(value)

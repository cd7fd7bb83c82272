/**
 * Identifiers for messages and requests: UUID version 7 from Effect's `Clock` and `Random`, so that a test with a
 * virtual clock and a seed gets the same ids every time. Not secrets: never use one as a token.
 */
import { Clock, Effect, Random } from "effect"

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0")

const uuid = (millis: number, next: () => number): string => {
  const time = hex(millis, 12)
  const bits = (size: number): number => Math.floor(next() * 2 ** size)
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(bits(12), 3)}-${hex(0x8000 | bits(14), 4)}-${hex(bits(24), 6)}${
    hex(bits(24), 6)
  }`
}

/** Makes ids outside an Effect; see {@link generator}. */
export interface Generator {
  /** A new UUID. */
  readonly uuid: () => string
  /** `bytes` random bytes in lower-case hex. */
  readonly hex: (bytes: number) => string
}

/** A synchronous generator over the current clock and random source, for code that runs once per request. */
export const generator: Effect.Effect<Generator> = Effect.gen(function*() {
  const clock = yield* Clock.Clock
  const random = yield* Random.Random
  const next = () => random.nextDoubleUnsafe()
  return {
    uuid: () => uuid(clock.currentTimeMillisUnsafe(), next),
    hex: (bytes) => {
      let out = ""
      for (let left = bytes; left > 0; left -= 3) out += hex(Math.floor(next() * 2 ** 24), 6)
      return out.slice(0, bytes * 2)
    }
  }
})

/** A new UUID. */
export const next: Effect.Effect<string> = Effect.map(generator, (ids) => ids.uuid())

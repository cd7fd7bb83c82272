/** Time that only goes forward, for layers that measure waits: setting the clock of the machine does not disturb them. */
import type { Fiber } from "effect"
import { Clock, Context } from "effect"

/** Milliseconds since some fixed moment, from the clock of the fiber. */
export const monotonicMillis = (fiber: Fiber.Fiber<unknown, unknown>): number => monotonicMillisIn(fiber.context)

/** Milliseconds since some fixed moment, from the clock in the context. */
export const monotonicMillisIn = (context: Context.Context<never>): number =>
  Number(Context.get(context, Clock.Clock).monotonicTimeNanosUnsafe()) / 1e6

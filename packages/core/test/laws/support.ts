/** What the laws share: processors of every ending that write down what happens to them, and what a chain must do. */
import { Cause, Deferred, Effect, Exit, Fiber, Schema } from "effect"
import type { Processor } from "../../src/index.ts"

export const Ending = Schema.Literals([
  "succeed",
  "succeed",
  "succeed",
  "fail",
  "die",
  "throw in the effect",
  "throw at the call",
  "interrupt itself",
  "hang"
])
export type Ending = typeof Ending.Type

/** How one random processor behaves. A slow one lets others run before it ends. */
export const Stage = Schema.Struct({
  ends: Ending,
  isSlow: Schema.Boolean,
  add: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 9 }))
})
export type Stage = typeof Stage.Type

export const Input = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 99 }))

export type Numbers = Processor.Processor<number, number, string>

/** Written by the processors of one run. */
export interface Trace {
  readonly lines: Array<string>
  /** Done when a processor hangs, so that the run is to be interrupted. */
  readonly hung: Deferred.Deferred<void>
}

export const makeTrace = (): Trace => ({ lines: [], hung: Deferred.makeUnsafe() })

/** A processor that behaves like this; it writes down each call, and when it is stopped. */
export const processorOf = (trace: Trace, name: string, { add, ends, isSlow }: Stage): Numbers => (input) => {
  trace.lines.push(`${name}(${input})`)
  if (ends === "throw at the call") throw new Error(`${name} died`)
  const end = ended(trace, name, ends, input + add)
  return isSlow ? Effect.andThen(Effect.yieldNow, end) : end
}

const ended = (trace: Trace, name: string, ends: Ending, output: number): Effect.Effect<number, string> => {
  switch (ends) {
    case "succeed":
      return Effect.succeed(output)
    case "fail":
      return Effect.fail(`${name} failed`)
    case "die":
      return Effect.die(new Error(`${name} died`))
    case "throw in the effect":
    case "throw at the call":
      return Effect.suspend((): Effect.Effect<number> => {
        throw new Error(`${name} died`)
      })
    case "interrupt itself":
      return Effect.interrupt
    case "hang":
      return Effect.onInterrupt(
        Effect.andThen(Deferred.succeed(trace.hung, undefined), Effect.never),
        () => Effect.sync(() => trace.lines.push(`${name} stopped`))
      )
  }
}

/** What became of a run, in plain words, and what was called on the way. */
export interface Observed {
  readonly outcome: unknown
  readonly lines: ReadonlyArray<string>
}

/** Runs what is built; when a processor hangs, interrupts it from outside. */
export const observe = (
  input: number,
  build: (trace: Trace) => Processor.Processor<number, unknown, unknown>
): Effect.Effect<Observed> =>
  Effect.gen(function*() {
    const trace = makeTrace()
    const fiber = yield* Effect.forkChild(Effect.suspend(() => build(trace)(input)))
    yield* Effect.raceFirst(
      Fiber.await(fiber),
      Effect.andThen(Deferred.await(trace.hung), Effect.suspend(() => Fiber.interrupt(fiber)))
    )
    return { outcome: plain(yield* Fiber.await(fiber)), lines: trace.lines }
  })

/** An exit in words that can be compared. */
export const plain = (exit: Exit.Exit<unknown, unknown>): unknown =>
  Exit.isSuccess(exit)
    ? exit.value
    : exit.cause.reasons.map((reason) =>
      Cause.isFailReason(reason)
        ? `fail: ${String(reason.error)}`
        : Cause.isDieReason(reason)
        ? `die: ${String(reason.defect)}`
        : "interrupt"
    )

/** What a single processor must come to. */
export const expectedOutcome = (name: string, { add, ends }: Stage, input: number): unknown => {
  switch (ends) {
    case "succeed":
      return input + add
    case "fail":
      return [`fail: ${name} failed`]
    case "interrupt itself":
    case "hang":
      return ["interrupt"]
    default:
      return [`die: Error: ${name} died`]
  }
}

/** The law of sequences: each stage gets the output of the one before; the first that does not succeed is the last. */
export const expectedSequence = (stages: ReadonlyArray<readonly [string, Stage]>, input: number): Observed => {
  const lines: Array<string> = []
  let current = input
  for (const [name, stage] of stages) {
    lines.push(`${name}(${current})`)
    if (stage.ends === "hang") lines.push(`${name} stopped`)
    if (stage.ends !== "succeed") return { outcome: expectedOutcome(name, stage, current), lines }
    current += stage.add
  }
  return { outcome: current, lines }
}

/** Lets every fiber run as far as it gets. */
export const settle: Effect.Effect<void> = Effect.forEach(Array.from({ length: 12 }), () => Effect.yieldNow, {
  discard: true
})

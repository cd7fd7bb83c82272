/**
 * Many calls answered by one: work that is cheaper for a hundred inputs at once than for each of a hundred. Calls that
 * are made while a batch is open join it; it closes when it is full or old enough, whichever is first, so a single call
 * waits no longer than `age`.
 *
 * - Every input has an outcome of its own. When the work as a whole fails or dies, that is the outcome of each.
 * - Batches run side by side. Of one consumer, a batch never has two messages of one subject, because the second is only
 *   handled after the first.
 * - A batch runs with the context (span, correlation) of the call that opened it.
 * - An interrupted call leaves its batch; a batch that everybody left is interrupted, or never runs.
 */
import type { Array, Context, Result } from "effect"
import { Deferred, Duration, Effect, Exit, Fiber } from "effect"
import { invoke } from "../internal/invoke.ts"
import { atLeast } from "../internal/settings.ts"
import { layered } from "../internal/shape.ts"
import type { Processor } from "../processor/Types.ts"

/** When a batch is closed. */
export interface BatchOptions {
  /** At so many inputs. */
  readonly size: number
  /** So long after its first input. */
  readonly age: Duration.Input
}

interface Entry<in out In, in out Out, in out Err> {
  readonly input: In
  readonly outcome: Deferred.Deferred<Out, Err>
}

interface Open<in out In, in out Out, in out Err, in Req> {
  /** Of the call that opened it. */
  readonly run: (work: Effect.Effect<void, never, Req>) => Fiber.Fiber<void>
  readonly entries: Set<Entry<In, Out, Err>>
  /** Waits for the age, then runs the work. */
  fiber: Fiber.Fiber<void> | undefined
}

/**
 * Makes a processor of single inputs out of one of many, which answers with one outcome for each input, in their order.
 *
 * @example
 * ```ts
 * import { Layers } from "@kanau/core"
 * import { Effect, Result } from "effect"
 *
 * const batches: Array<number> = []
 * const lengths = Layers.batch({ size: 2, age: "1 second" })((names: ReadonlyArray<string>) =>
 *   Effect.sync(() => {
 *     batches.push(names.length)
 *     return names.map((name) => name === "" ? Result.fail("empty" as const) : Result.succeed(name.length))
 *   })
 * )
 * const both = Effect.all([lengths("ada"), lengths("grace")], { concurrency: "unbounded" })
 * await Effect.runPromise(both) // => [3, 5]
 * batches // => [2]
 * ```
 */
export const batch = (options: BatchOptions): Batching => {
  const size = atLeast(1, "batch: size", options.size)
  const ageMillis = Duration.toMillis(options.age)
  return <In, Out, Err, Err2, Req>(next: BatchProcessor<In, Out, Err, Err2, Req>) => {
    type Batch = Open<In, Out, Err | Err2, Req>
    let open: Batch | undefined

    const work = (batch: Batch): Effect.Effect<void, never, Req> =>
      Effect.suspend(() => {
        if (open === batch) open = undefined
        const entries = [...batch.entries]
        const inputs = entries.map(({ input }) => input)
        // There is one: a batch that everybody left has been interrupted.
        const call = invoke(next, inputs as unknown as Array.NonEmptyReadonlyArray<In>)
        return Effect.onExit(
          Effect.flatMap(call, (outcomes) =>
            outcomes.length === entries.length
              ? Effect.succeed(outcomes)
              : Effect.die(new Error(`A batch of ${entries.length} was answered with ${outcomes.length} outcomes`))),
          (exit) => Effect.sync(() => tell(entries, exit))
        ).pipe(Effect.exit, Effect.asVoid)
      })

    const begin = (context: Context.Context<Req>): Batch => {
      const batch: Batch = { run: Effect.runForkWith(context), entries: new Set(), fiber: undefined }
      open = batch
      if (size > 1) batch.fiber = batch.run(Effect.andThen(Effect.sleep(ageMillis), work(batch)))
      return batch
    }

    const close = (batch: Batch) => {
      open = undefined
      batch.fiber?.interruptUnsafe()
      batch.fiber = batch.run(work(batch))
    }

    const leave = (batch: Batch, entry: Entry<In, Out, Err | Err2>) => {
      batch.entries.delete(entry)
      if (batch.entries.size > 0) return Effect.void
      if (open === batch) open = undefined
      return batch.fiber === undefined ? Effect.void : Fiber.interrupt(batch.fiber)
    }

    return layered(
      "batch",
      { size, ageMillis },
      next,
      (input: In) =>
        Effect.withFiber<Out, Err | Err2, Req>((fiber) =>
          Effect.uninterruptibleMask((restore) => {
            // The fiber runs an effect that needs `Req`, so its context has it.
            const context = fiber.context as Context.Context<Req>
            const batch = open ?? begin(context)
            const entry: Entry<In, Out, Err | Err2> = { input, outcome: Deferred.makeUnsafe() }
            batch.entries.add(entry)
            if (batch.entries.size >= size) close(batch)
            return Effect.onInterrupt(restore(Deferred.await(entry.outcome)), () => leave(batch, entry))
          })
        )
    )
  }
}

/** A processor of many inputs with one outcome for each; an `Exit` where one may have died. */
export type BatchProcessor<In, Out, Err, Err2, Req> = Processor<
  Array.NonEmptyReadonlyArray<In>,
  ReadonlyArray<Result.Result<Out, Err> | Exit.Exit<Out, Err>>,
  Err2,
  Req
>

/** What {@link batch} makes. */
export type Batching = <In, Out, Err, Err2, Req>(
  next: BatchProcessor<In, Out, Err, Err2, Req>
) => Processor<In, Out, Err | Err2, Req>

const tell = <In, Out, Err, Err2>(
  entries: ReadonlyArray<Entry<In, Out, Err | Err2>>,
  exit: Exit.Exit<ReadonlyArray<Result.Result<Out, Err> | Exit.Exit<Out, Err>>, Err2>
): void => {
  for (const [at, { outcome }] of entries.entries()) {
    // As many outcomes as entries: the caller has made sure.
    const own = Exit.isFailure(exit)
      ? Exit.failCause(exit.cause)
      : exit.value[at] as Result.Result<Out, Err> | Exit.Exit<Out, Err>
    Deferred.doneUnsafe<Out, Err | Err2>(outcome, Exit.isExit(own) ? own : Effect.fromResult(own))
  }
}

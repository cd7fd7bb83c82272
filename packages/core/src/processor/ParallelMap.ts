/**
 * One processor over many inputs. A failed item is a failed `Exit` in the stream and does not stop the others.
 * Interrupting the stream interrupts what runs.
 */
import type { Exit } from "effect"
import { Effect, Stream } from "effect"
import type { Processor } from "./Types.ts"

/** How many items are processed at a time. */
export interface Concurrency {
  readonly concurrency: number
}

/**
 * Runs one processor over many inputs, at most `concurrency` at a time. Results come as they complete, in any order.
 *
 * @example
 * ```ts
 * import { Processor } from "@kanau/core"
 * import { Effect, Stream } from "effect"
 *
 * const half = (n: number) => n % 2 === 0 ? Effect.succeed(n / 2) : Effect.fail("odd" as const)
 * const results = Processor.parallelMap([2, 3, 4], half, { concurrency: 2 })
 * const outcomes = Stream.runCollect(Stream.map(results, (exit) => exit._tag))
 * await Effect.runPromise(outcomes) // => ["Success", "Failure", "Success"]
 * ```
 */
export const parallelMap = <In, Out, Err, Req>(
  inputs: Iterable<In>,
  processor: Processor<In, Out, Err, Req>,
  options: Concurrency
): Stream.Stream<Exit.Exit<Out, Err>, never, Req> =>
  Stream.mapEffect(Stream.fromIterable(inputs), outcomeOf(processor), {
    concurrency: options.concurrency,
    unordered: true
  })

/**
 * Like {@link parallelMap} with the results in the order of the inputs: a slow item holds back the results of those
 * behind it, not their work.
 *
 * @example
 * ```ts
 * import { Processor } from "@kanau/core"
 * import { Effect, Stream } from "effect"
 *
 * const double = (n: number) => Effect.succeed(n * 2)
 * const results = Processor.parallelMapOrdered([1, 2, 3], double, { concurrency: 2 })
 * const values = Stream.runCollect(Stream.mapEffect(results, (exit) => exit))
 * await Effect.runPromise(values) // => [2, 4, 6]
 * ```
 */
export const parallelMapOrdered = <In, Out, Err, Req>(
  inputs: Iterable<In>,
  processor: Processor<In, Out, Err, Req>,
  options: Concurrency
): Stream.Stream<Exit.Exit<Out, Err>, never, Req> =>
  Stream.mapEffect(Stream.fromIterable(inputs), outcomeOf(processor), { concurrency: options.concurrency })

/** What became of one batch. */
export interface Batch<out In, out Out, out Err> {
  readonly inputs: ReadonlyArray<In>
  readonly exit: Exit.Exit<Out, Err>
}

/**
 * Runs a processor of many inputs over batches of at most `size`, at most `concurrency` batches at a time, in any
 * order. Each result comes with the inputs it belongs to, so that a failed batch can be taken apart.
 *
 * @example
 * ```ts
 * import { Processor } from "@kanau/core"
 * import { Effect, Stream } from "effect"
 *
 * const sum = (numbers: ReadonlyArray<number>) => Effect.succeed(numbers.reduce((a, b) => a + b, 0))
 * const results = Processor.parallelMapBatched([1, 2, 3], sum, { size: 2, concurrency: 1 })
 * const sums = Stream.runCollect(Stream.mapEffect(results, ({ exit }) => exit))
 * await Effect.runPromise(sums) // => [3, 3]
 * ```
 */
export const parallelMapBatched = <In, Out, Err, Req>(
  inputs: Iterable<In>,
  processor: Processor<ReadonlyArray<In>, Out, Err, Req>,
  options: Concurrency & { readonly size: number }
): Stream.Stream<Batch<In, Out, Err>, never, Req> => {
  const run = outcomeOf(processor)
  return Stream.mapEffect(
    Stream.grouped(Stream.fromIterable(inputs), options.size),
    (batch) => Effect.map(run(batch), (exit) => ({ inputs: batch, exit })),
    { concurrency: options.concurrency, unordered: true }
  )
}

/** A throw at the call itself is the defect of that item only. */
const outcomeOf =
  <In, Out, Err, Req>(processor: Processor<In, Out, Err, Req>) =>
  (input: In): Effect.Effect<Exit.Exit<Out, Err>, never, Req> => Effect.exit(Effect.suspend(() => processor(input)))

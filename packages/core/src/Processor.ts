/**
 * A processor turns an input into an `Effect` of its output and error. A plain effectful function is one; everything
 * here combines such functions into larger ones. Combine once, at start-up; a call then only runs what was built.
 *
 * A {@link ProcessorLayer} wraps a processor. Layers go around a processor with `pipe`, the innermost first.
 */
import type { Exit } from "effect"
import { Effect, Stream } from "effect"
import type * as Fault from "./Fault.ts"
import type * as Operation from "./Operation.ts"

/** A function from an input to an `Effect` of output `Out`, error `Err`, needing the dependencies `Req`. */
export type Processor<in In, out Out, out Err = never, out Req = never> = (
  input: In
) => Effect.Effect<Out, Err, Req>

/** Wraps a processor; may change what goes in, what comes out, and whether the inner one is called at all. */
export type ProcessorLayer<In, Out, Err, Req, In2 = In, Out2 = Out, Err2 = Err, Req2 = Req> = (
  next: Processor<In, Out, Err, Req>
) => Processor<In2, Out2, Err2, Req2>

/** A layer that fits any processor and leaves its input and output alone. */
export type Passthrough<Err2 = never, Req2 = never> = <In, Out, Err, Req>(
  next: Processor<In, Out, Err, Req>
) => Processor<In, Out, Err | Err2, Req | Req2>

/** One operation and the processor that serves it. */
export interface Handler<Op extends Operation.Any, out Err, out Req> {
  readonly operation: Op
  readonly process: (input: Operation.Input<Op>) => Effect.Effect<Operation.Output<Op>, Err, Req>
}

/** A handler of any operation. */
export type AnyHandler = Handler<any, any, any>

/** What a handler needs. */
export type Requirements<H extends AnyHandler> = H extends Handler<any, any, infer Req> ? Req : never

type HandlerFor<H extends AnyHandler, In> = H extends Handler<infer Op, any, any>
  ? In extends Operation.Input<Op> ? H : never
  : never

/** One object that serves many operations, resolved by the class of the input. */
export interface Service<H extends AnyHandler> {
  readonly handlers: ReadonlyArray<H>
  /** Processes an operation; its output, error and dependencies follow from the operation's class. */
  readonly process: <In extends Operation.Input<H["operation"]>>(
    input: In
  ) => HandlerFor<H, In> extends Handler<infer Op, infer Err, infer Req> ? Effect.Effect<Operation.Output<Op>, Err, Req>
    : never
}

/**
 * Binds an operation to the processor that serves it. The processor may fail with what the operation declares, and
 * with the infrastructure faults every processor can meet; anything else does not compile.
 *
 * @example
 * ```ts
 * const findNote = Processor.on(FindNote, ({ id }) => NoteStore.use((store) => store.find(id)))
 * ```
 */
export const on = <
  Op extends Operation.Any,
  Err extends Operation.Failure<Op> | Fault.Infrastructure = never,
  Req = never
>(
  operation: Op,
  process: (input: Operation.Input<Op>) => Effect.Effect<Operation.Output<Op>, Err, Req>
): Handler<Op, Err, Req> => ({ operation, process })

/**
 * Makes one service of many handlers.
 *
 * @example
 * ```ts
 * const notes = Processor.serve(findNote, writeNote)
 * notes.process(new FindNote({ id: "n1" })) // Effect<Note, NoteNotFound, NoteStore>
 * ```
 */
export const serve = <const H extends ReadonlyArray<AnyHandler>>(...handlers: H): Service<H[number]> => {
  const byClass = new Map<unknown, AnyHandler>()
  for (const handler of handlers) {
    if (byClass.has(handler.operation)) {
      throw new Error(`${handler.operation.operation} has two handlers in one service; keep one of them`)
    }
    byClass.set(handler.operation, handler)
  }
  const process = (input: object) => {
    const handler = byClass.get(input.constructor)
    return handler === undefined
      ? Effect.die(new Error(`No handler serves ${input.constructor.name}; add it with Processor.serve(...)`))
      : handler.process(input)
  }
  return { handlers, process: process as Service<H[number]>["process"] }
}

/** Returns its input. The unit of {@link chain}. */
export const identity = <In>(): Processor<In, In> => Effect.succeed

/** Runs processors in sequence: each gets the output of the one before; the first error ends the chain. */
export const chain: {
  <A, B, E1, R1, C, E2, R2>(first: Processor<A, B, E1, R1>, second: Processor<B, C, E2, R2>): Processor<
    A,
    C,
    E1 | E2,
    R1 | R2
  >
  <A, B, E1, R1, C, E2, R2, D, E3, R3>(
    first: Processor<A, B, E1, R1>,
    second: Processor<B, C, E2, R2>,
    third: Processor<C, D, E3, R3>
  ): Processor<A, D, E1 | E2 | E3, R1 | R2 | R3>
  <A, B, E1, R1, C, E2, R2, D, E3, R3, F, E4, R4>(
    first: Processor<A, B, E1, R1>,
    second: Processor<B, C, E2, R2>,
    third: Processor<C, D, E3, R3>,
    fourth: Processor<D, F, E4, R4>
  ): Processor<A, F, E1 | E2 | E3 | E4, R1 | R2 | R3 | R4>
} = (...stages: ReadonlyArray<Processor<any, any, any, any>>): Processor<any, any, any, any> =>
  stages.reduce((whole, stage) => (input) => Effect.flatMap(whole(input), stage))

/** A layer made of a processor that runs before the inner one and a processor that runs after it. */
export const adapter = <In2, In, E1, R1, Out, Out2, E2, R2>(around: {
  readonly before: Processor<In2, In, E1, R1>
  readonly after: Processor<Out, Out2, E2, R2>
}) =>
<Err, Req>(next: Processor<In, Out, Err, Req>): Processor<In2, Out2, E1 | Err | E2, R1 | Req | R2> =>
  chain(around.before, next, around.after)

/** A layer of two pure functions: one prepares the input, one shapes the output. */
export const pureAdapter = <In2, In, Out, Out2>(around: {
  readonly before: (input: In2) => In
  readonly after: (output: Out) => Out2
}) =>
<Err, Req>(next: Processor<In, Out, Err, Req>): Processor<In2, Out2, Err, Req> =>
(input) => Effect.map(next(around.before(input)), around.after)

/**
 * Runs one processor over many inputs, at most `concurrency` at a time. Results come as they complete, in any order;
 * a failed item is a failed `Exit` in the stream and does not stop the others.
 */
export const parallelMap = <In, Out, Err, Req>(
  inputs: Iterable<In>,
  processor: Processor<In, Out, Err, Req>,
  options: { readonly concurrency: number }
): Stream.Stream<Exit.Exit<Out, Err>, never, Req> =>
  Stream.mapEffect(Stream.fromIterable(inputs), (input) => Effect.exit(processor(input)), {
    concurrency: options.concurrency,
    unordered: true
  })

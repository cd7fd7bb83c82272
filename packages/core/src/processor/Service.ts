/** Operations bound to the processors that serve them. */
import { Effect, type Layer } from "effect"
import type * as Fault from "../Fault.ts"
import { invoke } from "../internal/invoke.ts"
import type { OnceOnly } from "../OnceOnly.ts"
import type * as Operation from "../Operation.ts"
import type { Processor } from "./Types.ts"

/**
 * One operation and the processor that serves it. Its type holds instances only, no classes: so the compiler finds the
 * handler of an input in the same time however many there are.
 */
export interface Handler<In, out Err, out Req> {
  readonly operation: Operation.ClassOf<In>
  readonly process: Processor<In, Operation.OutputOf<In>, Err, Req>
}

/** A handler of any operation; whoever calls it has made sure of the input. */
export interface AnyHandler {
  readonly operation: Operation.Any
  readonly process: Processor<never, unknown, unknown, unknown>
}

/** What a handler needs. */
export type Requirements<H extends AnyHandler> = Effect.Services<ReturnType<H["process"]>>

type InputOf<H extends AnyHandler> = H extends Handler<infer In, unknown, unknown> ? In : never

/** Name of the operation → what processing it gives. */
type Answers<H extends AnyHandler> = {
  readonly [One in H as Operation.NameOf<InputOf<One>>]: ReturnType<One["process"]>
}

type At<All, Name extends string> = All extends { readonly [Key in Name]: infer Found } ? Found : never

/** One object that serves many operations, resolved by the class of the input. */
export interface Service<H extends AnyHandler> {
  readonly handlers: ReadonlyArray<H>
  /** Processes an operation; its output, error and dependencies follow from the operation's class. */
  readonly process: <In extends InputOf<H>>(input: In) => At<Answers<H>, Operation.NameOf<In>>
}

/**
 * Binds an operation to the processor that serves it. The processor may fail with what the operation declares, and
 * with the faults that need no declaration ({@link Fault.Undeclared}); anything else does not compile.
 *
 * @example
 * ```ts
 * import { Operation, Processor } from "@kanau/core"
 * import { Effect, Schema } from "effect"
 *
 * class Double extends Operation.define<Double>()("Double", { input: { n: Schema.Number }, output: Schema.Number }) {}
 * const double = Processor.on(Double, ({ n }) => Effect.succeed(n * 2))
 * Effect.runSync(double.process(new Double({ n: 21 }))) // => 42
 * ```
 */
export const on = <Op extends Operation.Any, Err = never, Req = never>(
  operation: Op,
  process: Processor<Operation.Input<Op>, Operation.Output<Op>, Err, Req> & Declared<Op, Err>
): Handler<Operation.Input<Op>, Err, Req> =>
  // The class makes instances of its own type, and the processor gives their output.
  ({ operation, process }) as Handler<Operation.Input<Op>, Err, Req>

/** `unknown` when the operation declares every error in `Err`, otherwise a sentence that says which it does not. */
export type Declared<Op extends Operation.Any, Err> = [Undeclared<Op, Err>] extends [never] ? unknown
  : `${TagOf<Undeclared<Op, Err>>} is not among the errors of ${Op["operation"]}`

type Undeclared<Op extends Operation.Any, Err> = Exclude<Err, Operation.Failure<Op> | Fault.Undeclared>

type TagOf<Err> = Err extends { readonly _tag: infer Tag extends string } ? Tag : "An error without a fault kind"

/**
 * Makes one service of many handlers. An operation that no handler serves does not compile, and is a defect at run time;
 * so is what a processor throws.
 *
 * @example
 * ```ts
 * import { Operation, Processor } from "@kanau/core"
 * import { Effect, Schema } from "effect"
 *
 * class Double extends Operation.define<Double>()("Double", { input: { n: Schema.Number }, output: Schema.Number }) {}
 * class Negate extends Operation.define<Negate>()("Negate", { input: { n: Schema.Number }, output: Schema.Number }) {}
 * const numbers = Processor.serve(
 *   Processor.on(Double, ({ n }) => Effect.succeed(n * 2)),
 *   Processor.on(Negate, ({ n }) => Effect.succeed(-n))
 * )
 * Effect.runSync(numbers.process(new Negate({ n: 1 }))) // => -1
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
  const process = (input: object): Effect.Effect<unknown, unknown, unknown> => {
    const handler = byClass.get(input.constructor)
    return handler === undefined
      ? Effect.die(new Error(`No handler serves ${input.constructor.name}; add it with Processor.serve(...)`))
      : invoke(handler.process, input as never)
  }
  // The map holds for every class the handler that this type finds for it.
  return { handlers, process: process as Service<H[number]>["process"] }
}

/**
 * The dependencies of a service, looked at by the compiler before they are provided: when one is missing, the error
 * names the operation that needs it. Returns them as they are.
 *
 * @example
 * ```ts
 * import { Operation, Processor } from "@kanau/core"
 * import { Context, Effect, Layer, Schema } from "effect"
 *
 * class Greeting extends Context.Service<Greeting, string>()("Greeting") {}
 * class Greet extends Operation.define<Greet>()("Greet", { input: {}, output: Schema.String }) {}
 * const service = Processor.serve(Processor.on(Greet, () => Greeting))
 *
 * const dependencies = Processor.dependencies(service, Layer.succeed(Greeting, "hello"))
 * Effect.runSync(Effect.provide(service.process(new Greet()), dependencies)) // => "hello"
 * ```
 */
export const dependencies = <H extends AnyHandler, Supplied, E, Req>(
  _service: Service<H>,
  layer: Layer.Layer<Supplied, E, Req> & Complete<H, Supplied>
): Layer.Layer<Supplied, E, Req> => layer

/** `unknown` when every handler has what it needs, otherwise a sentence that says which lacks what. */
export type Complete<H extends AnyHandler, Supplied> = [Lacking<H, Supplied>] extends [never] ? unknown
  : Lacking<H, Supplied>

type Lacking<H extends AnyHandler, Supplied> = H extends AnyHandler ? `${Operation.NameOf<InputOf<H>>} needs ${KeyOf<
    Exclude<Requirements<H>, Supplied | OnceOnly>
  >}; add it to this layer`
  : never

type KeyOf<Req> = Req extends { readonly key: infer Key extends string } ? Key : never

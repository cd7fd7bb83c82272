/** What a processor is, and what a layer is. */
import type { Effect } from "effect"

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

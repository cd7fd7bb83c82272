/** Chains that do not fit. */
import { Processor } from "@kanau/core"
import { Effect } from "effect"

const parse = (text: string) => Effect.succeed(Number(text))
const shout = (text: string) => Effect.succeed(text.toUpperCase())

// error: Argument of type '(text: string) => Effect.Effect<string, never, never>' is not assignable to parameter of type 'Processor<number, string, never, never>'.
// error:   Type 'number' is not assignable to type 'string'.
Processor.chain(parse, shout)

// error: Type 'number' is not assignable to type 'string'.
Processor.chain(shout, (text) => Effect.succeed(text), parse, (n: number) => Effect.succeed(n), shout)

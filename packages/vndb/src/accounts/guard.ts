/** Puts the table of rules in front of operations: whoever may not is refused before anything is read or written. */
import { type Fault, Layers, Principal, type Processor } from "@kanau/core"
import { Database } from "@kanau/postgres"
import { Effect, pipe } from "effect"
import type { SqlClient } from "effect/sql"
import { newcomer } from "./Attributes.ts"
import { findAttributes } from "./entities/Accounts.ts"
import { reads, rules } from "./rules.ts"

/** The attributes of whoever asks. */
export const attributes = Effect.flatMap(
  Principal.Principal,
  ({ name }) => Effect.map(Database.faults(findAttributes({ name })), (found) => found ?? newcomer)
)

type Guarded<H> = H extends Processor.Handler<infer In, infer Err, infer Req>
  ? Processor.Handler<In, Err | Layers.PermissionDenied | Fault.Infrastructure, Req | SqlClient.SqlClient>
  : never

/** The same handlers, each behind its rule. */
export const guarded = <const Handlers extends ReadonlyArray<Processor.AnyHandler>>(handlers: Handlers) =>
  // The types of a list's members are kept by hand: `map` cannot.
  handlers.map(behindRule) as unknown as { readonly [At in keyof Handlers]: Guarded<Handlers[At]> }

const behindRule = ({ operation, process }: Processor.AnyHandler): Processor.AnyHandler => {
  if (reads.has(operation.operation)) return { operation, process }
  // What somebody forgot to make a rule for is for nobody.
  const rule = rules[operation.operation] ?? (() => false)
  return { operation, process: pipe(process, Layers.authorize(() => Effect.map(attributes, rule))) }
}

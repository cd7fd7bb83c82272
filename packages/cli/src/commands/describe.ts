/** `kanau describe`: everything a system serves, consumes and shows. */
import { Console, Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import * as Describe from "../Describe.ts"
import { loadSystem, Usage } from "../internal/files.ts"

const module = Argument.String("module").pipe(
  Argument.withDescription("Path of an ES module that exports `system`")
)
const json = Flag.Boolean("json").pipe(
  Flag.withDefault(false),
  Flag.withDescription("Print all of it as JSON, contracts as JSON Schema")
)
const asyncapi = Flag.Boolean("asyncapi").pipe(
  Flag.withDefault(false),
  Flag.withDescription("Print queues and messages as AsyncAPI 3.0")
)

/** The command. */
export const describe = Command.make(
  "describe",
  { module, json, asyncapi },
  Effect.fnUntraced(function*(input) {
    if (input.json && input.asyncapi) return yield* new Usage({ message: "Choose one of --json and --asyncapi." })
    const system = yield* loadSystem(input.module)
    yield* Console.log(Describe.render(system, input.asyncapi ? "asyncapi" : input.json ? "json" : "text"))
  })
).pipe(
  Command.withDescription(
    "Show what each role of a system serves, consumes and shows, with types, layers and what errors lead to. Connects " +
      "to nothing"
  )
)

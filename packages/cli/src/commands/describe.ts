/** `kanau describe`: everything a system serves, consumes and shows. */
import { Console, Effect } from "effect"
import { Argument, Command } from "effect/cli"
import * as Describe from "../Describe.ts"
import { loadSystem, Usage } from "../internal/files.ts"

const module = Argument.String("module").pipe(
  Argument.withDescription("Path of an ES module that exports `system`")
)

/** The command. */
export const describe = Command.make(
  "describe",
  { module, ...Describe.flags },
  Effect.fnUntraced(function*(input) {
    const format = Describe.formatOf(input)
    if (format === undefined) return yield* new Usage({ message: Describe.twoFormats })
    const system = yield* loadSystem(input.module)
    yield* Console.log(Describe.render(system, format))
  })
).pipe(
  Command.withDescription(
    "Show what each role of a system serves, consumes and shows, with types, layers and what errors lead to. Connects " +
      "to nothing"
  )
)

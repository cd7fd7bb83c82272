/** `describe`: everything the system serves, consumes and shows. */
import * as Describe from "@kanau/cli/Describe"
import { Console, Effect } from "effect"
import { Command } from "effect/cli"
import type { Deployment } from "./deployment.ts"
import { Usage } from "./usage.ts"

export const describe = (deployment: Effect.Effect<Deployment>) =>
  Command.make("describe", Describe.flags, (input) => {
    const format = Describe.formatOf(input)
    return format === undefined
      ? Effect.fail(new Usage({ message: Describe.twoFormats }))
      : Effect.flatMap(deployment, ({ system }) => Console.log(Describe.render(system, format)))
  }).pipe(Command.withDescription("Show what each role serves, consumes and shows. Connects to nothing"))

/** `describe`: everything the system serves, consumes and shows. */
import * as Describe from "@kanau/cli/Describe"
import { Console, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import type { Deployment } from "./deployment.ts"
import { Usage } from "./usage.ts"

const json = Flag.Boolean("json").pipe(
  Flag.withDefault(false),
  Flag.withDescription("Print all of it as JSON, contracts as JSON Schema")
)
const asyncapi = Flag.Boolean("asyncapi").pipe(
  Flag.withDefault(false),
  Flag.withDescription("Print queues and messages as AsyncAPI 3.0")
)

export const describe = (deployment: Effect.Effect<Deployment>) =>
  Command.make("describe", { json, asyncapi }, (input) =>
    input.json && input.asyncapi
      ? Effect.fail(new Usage({ message: "Choose one of --json and --asyncapi." }))
      : Effect.flatMap(deployment, ({ system }) =>
        Console.log(Describe.render(system, input.asyncapi ? "asyncapi" : input.json ? "json" : "text")))).pipe(
      Command.withDescription("Show what each role serves, consumes and shows. Connects to nothing")
    )

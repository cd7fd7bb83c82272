/**
 * The operators' tool of Nova VNDB. Connects to what DATABASE_URL, AMQP_URL, MONGODB_URL, MEILISEARCH_URL and REDIS_URL
 * name, each only for the commands that need it. Exits with 0 when all is well, 1 when something is wrong, 2 when it was
 * called wrongly.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Fault } from "@kanau/core"
import { Operate } from "@kanau/operator"
import { Console, Effect, References } from "effect"
import { Command } from "effect/cli"
import { account } from "./account.ts"
import { connections, missing } from "./connections.ts"

const deployment = Effect.map(Effect.promise(() => import("./deployment.ts")), (module) => module.deployment)

const exit = (code: number) => Effect.sync(() => void (process.exitCode = code))

Command.make("nova-vndb-cli").pipe(
  Command.withDescription(
    "Looks after a running Nova VNDB. DATABASE_URL, AMQP_URL, MONGODB_URL, MEILISEARCH_URL say which."
  ),
  Command.withSubcommands([...Operate.commands({ connections, deployment, missing }), account]),
  Command.run({ version: "0.1.0" }),
  Effect.catchTags({
    Unwell: () => exit(1),
    Usage: ({ message }) => Effect.andThen(Console.error(message), exit(2)),
    ShowHelp: ({ errors }) => exit(errors.length > 0 ? 2 : 0),
    NotSet: ({ message }) => Effect.andThen(Console.error(message), exit(2))
  }),
  Effect.catchIf(Fault.isFault, ({ message }) => Effect.andThen(Console.error(message), exit(1))),
  // What was asked for is the output; connections are nobody's business.
  Effect.provideService(References.MinimumLogLevel, "Error"),
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain
)

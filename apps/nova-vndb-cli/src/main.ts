#!/usr/bin/env node
/**
 * The operators' tool of Nova VNDB. Connects to what DATABASE_URL and AMQP_URL name. Exits with 0 when all is well, 1
 * when something is wrong, 2 when it was called wrongly.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Fault } from "@kanau/core"
import { Operate } from "@kanau/operator"
import { Database } from "@kanau/postgres"
import { RabbitBus } from "@kanau/rabbitmq"
import { accounts, Scheduler } from "@kanau/vndb"
import { Config, Console, Effect, Layer, References } from "effect"
import { Command } from "effect/cli"

const settings = Config.all({ database: Config.Redacted("DATABASE_URL"), bus: Config.Redacted("AMQP_URL") })

const connect = Layer.unwrap(Effect.map(settings, ({ bus, database }) =>
  Layer.merge(
    Database.layer({ url: database, applicationName: "nova-vndb-cli", maxConnections: 2 }),
    RabbitBus.layer({ url: bus })
  )))

const exit = (code: number) => Effect.sync(() => void (process.exitCode = code))

Command.make("nova-vndb-cli").pipe(
  Command.withDescription("Looks after a running Nova VNDB. DATABASE_URL and AMQP_URL say which."),
  Command.withSubcommands(Operate.commands({ connect, accounts, timetable: Scheduler.timetable })),
  Command.run({ version: "0.1.0" }),
  Effect.catchTags({
    Unwell: () => exit(1),
    Usage: ({ message }) => Effect.andThen(Console.error(message), exit(2)),
    ShowHelp: ({ errors }) => exit(errors.length > 0 ? 2 : 0),
    ConfigError: ({ message }) => Effect.andThen(Console.error(message), exit(2))
  }),
  Effect.catchIf(Fault.isFault, ({ message }) => Effect.andThen(Console.error(message), exit(1))),
  // What was asked for is the output; connections are nobody's business.
  Effect.provideService(References.MinimumLogLevel, "Error"),
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain
)

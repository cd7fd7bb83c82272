#!/usr/bin/env node
/** The `kanau` command. Exits with 0 when all is well, 1 when a rule is broken, 2 when it was called wrongly. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Console, Effect } from "effect"
import { Command } from "effect/cli"
import { readFileSync } from "node:fs"
import { describe } from "./commands/describe.ts"
import { schema } from "./commands/schema.ts"

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  readonly version: string
}

const exit = (code: number) => Effect.sync(() => void (process.exitCode = code))

Command.make("kanau").pipe(
  Command.withDescription("Tools for systems built with Kanau"),
  Command.withSubcommands([describe, schema]),
  Command.run({ version }),
  Effect.catchTags({
    Broken: () => exit(1),
    Usage: ({ message }) => Effect.andThen(Console.error(message), exit(2)),
    ShowHelp: ({ errors }) => exit(errors.length > 0 ? 2 : 0)
  }),
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain
)

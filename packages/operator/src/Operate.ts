/**
 * Commands for operators, to be built into the command-line tool of a system: dead letters, replays, delayed messages,
 * the outbox, and the ledger. They connect when they are run, not when they are asked for help.
 */
import type { PgClient } from "@effect/sql-pg/PgClient"
import type { Bus } from "@kanau/messaging"
import type { Ledger } from "@kanau/postgres"
import type { Layer } from "effect"
import { Command } from "effect/cli"
import { deadLetters } from "./commands/deadLetters.ts"
import { doctor } from "./commands/doctor.ts"
import { events } from "./commands/events.ts"
import { delayed, outbox } from "./commands/waiting.ts"

export { Unwell } from "./commands/doctor.ts"
export { Usage } from "./commands/usage.ts"

/**
 * The commands. `accounts` are the queues whose events `doctor` keeps account of.
 *
 * @example
 * ```ts
 * const tool = Command.make("shop").pipe(
 *   Command.withSubcommands(Operate.commands({ connect, accounts: [{ queue: "mail", types: ["shop.ordered"] }] }))
 * )
 * ```
 */
export const commands = <E>(options: {
  readonly connect: Layer.Layer<PgClient | Bus.Bus, E>
  readonly accounts: ReadonlyArray<Ledger.Account>
}) =>
  [
    Command.provide(deadLetters, options.connect),
    Command.provide(events, options.connect),
    Command.provide(delayed, options.connect),
    Command.provide(outbox, options.connect),
    Command.provide(doctor(options.accounts), options.connect)
  ] as const

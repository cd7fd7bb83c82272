/**
 * Commands for operators, to be built into the command-line tool of a system: dead letters, replays, delayed messages,
 * the outbox, the scheduler, and the ledger. They connect when they are run, not when they are asked for help.
 */
import type { PgClient } from "@effect/sql-pg/PgClient"
import type { Bus, Timetable } from "@kanau/messaging"
import { type Ledger, Outbox, PgScheduleStore } from "@kanau/postgres"
import { Layer } from "effect"
import { Command } from "effect/cli"
import type { SqlClient } from "effect/sql"
import { deadLetters } from "./commands/deadLetters.ts"
import { doctor } from "./commands/doctor.ts"
import { events } from "./commands/events.ts"
import { schedule } from "./commands/schedule.ts"
import { delayed, outbox } from "./commands/waiting.ts"

export { Unwell } from "./commands/doctor.ts"
export { Usage } from "./commands/usage.ts"

/**
 * The commands. `accounts` are the queues whose events `doctor` keeps account of, `timetable` is what the scheduler runs.
 *
 * @example
 * ```ts
 * const tool = Command.make("shop").pipe(
 *   Command.withSubcommands(Operate.commands({
 *     connect,
 *     accounts: [{ queue: "mail", types: ["shop.ordered"] }],
 *     timetable: shopTimes
 *   }))
 * )
 * ```
 */
export const commands = <E>(options: {
  readonly connect: Layer.Layer<PgClient | SqlClient.SqlClient | Bus.Bus, E>
  readonly accounts: ReadonlyArray<Ledger.Account>
  readonly timetable: Timetable.Timetable
}) =>
  [
    Command.provide(deadLetters, options.connect),
    Command.provide(events, options.connect),
    Command.provide(delayed, options.connect),
    Command.provide(outbox, options.connect),
    Command.provide(schedule(options.timetable), scheduling(options.connect)),
    Command.provide(doctor(options.accounts), options.connect)
  ] as const

const scheduling = <E>(connect: Layer.Layer<PgClient | SqlClient.SqlClient, E>) =>
  PgScheduleStore.layer().pipe(Layer.provide(Outbox.layer({ source: "/operator" })), Layer.provide(connect))

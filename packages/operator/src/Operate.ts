/**
 * Commands for operators, to be built into the command-line tool of a system: views and search indexes, dead letters,
 * replays, delayed messages, the outbox, the scheduler, health and the ledger. They connect when they are run, not when
 * they are asked for help, and each only to what it needs.
 *
 * They print what was asked for on the standard output, as a table or with `--json` as JSON, and progress on the other. What
 * destroys or switches something does nothing without `--yes`. Commands fail with {@link Unwell} when something is
 * wrong that they have printed, with {@link Usage} or {@link NotSet} when they were called wrongly, otherwise with faults.
 */
import { type Effect, Layer } from "effect"
import { Command } from "effect/cli"
import { deadLetters } from "./commands/deadLetters.ts"
import type { Connections, Deployment, Inspecting } from "./commands/deployment.ts"
import { patient } from "./commands/deployment.ts"
import { describe } from "./commands/describe.ts"
import { doctor } from "./commands/doctor.ts"
import { events } from "./commands/events.ts"
import { health } from "./commands/health.ts"
import { schedule } from "./commands/schedule.ts"
import { search } from "./commands/search.ts"
import { view } from "./commands/view.ts"
import { delayed, outbox } from "./commands/waiting.ts"

export type { ConnectFailure, Connecting, Connections, Deployment, Inspecting } from "./commands/deployment.ts"
export { NotSet } from "./commands/deployment.ts"
export { Unwell, Usage } from "./commands/usage.ts"

/**
 * The commands. `deployment` is asked for when a command needs it, so that it may be loaded then. `missing`, where the view
 * store has such a thing, is for `doctor`.
 *
 * @example
 * ```ts
 * const tool = Command.make("shop").pipe(
 *   Command.withSubcommands(Operate.commands({ connections, deployment: Effect.promise(() => import("./shop.ts")) }))
 * )
 * ```
 */
export const commands = (options: {
  readonly connections: Connections
  readonly deployment: Effect.Effect<Deployment>
  readonly missing?: Inspecting
}) => {
  const { deployment } = options
  const connections = patient(options.connections)
  const { bus, postgres } = connections
  return [
    view(deployment, connections),
    search(deployment, connections),
    health(options.connections),
    doctor(deployment, options.connections, options.missing),
    describe(deployment),
    Command.provide(deadLetters(bus), postgres),
    Command.provide(events, Layer.merge(postgres, bus)),
    Command.provide(delayed, postgres),
    Command.provide(outbox, postgres),
    schedule(deployment, postgres)
  ] as const
}

/** `events`: parts of the event log, counted and published again. */
import { Id } from "@kanau/core"
import { EventLog, Redrive } from "@kanau/postgres"
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { dryRun, given, json, progress, say } from "./console.ts"
import { Usage } from "./usage.ts"

const text = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.optional, Flag.withDescription(description))

const replay = Command.make(
  "replay",
  {
    since: Flag.Date("since").pipe(Flag.optional, Flag.withDescription("Events that happened at this time or later")),
    range: text("range", "FROM..TO, positions in the log, both included"),
    ids: text("ids", "Ids of events, separated by commas"),
    type: text("type", "Events of this type"),
    subject: text("subject", "Events of this subject"),
    to: text("to", "Send them to this queue only; to everybody when absent"),
    name: text("name", "Names this replay, so that it can be taken up where it was interrupted"),
    dryRun,
    json
  },
  (input) =>
    Effect.gen(function*() {
      const filter = yield* filterOf(input)
      const total = yield* EventLog.count(filter)
      if (input.dryRun) return yield* say(input.json, { events: total }, `${total} events would be sent.`)
      if (Option.isSome(input.to)) {
        const to = input.to.value
        const sent = yield* progress(input.json, "events", (report) =>
          Redrive.events(filter, {
            to,
            onProgress: (done) => report(done, Math.max(done, total))
          }))
        return yield* say(input.json, { sent, to }, `${sent} events were sent to ${to}.`)
      }
      const name = Option.getOrUndefined(input.name) ?? (yield* Id.next)
      const { enqueued, repeated } = yield* progress(input.json, "events", (report) =>
        EventLog.replay(name, filter, {
          onPage: (done) => report(done, Math.max(done, total))
        }))
      yield* say(
        input.json,
        { name, enqueued, repeated },
        repeated
          ? `The replay ${name} was finished before; nothing was done.`
          : `${enqueued} events are published again (replay ${name}). Consumers skip what their inbox knows.`
      )
    })
).pipe(Command.withDescription("Publish events of the log again, with the ids they had"))

export const events = Command.make("events").pipe(
  Command.withDescription("The event log"),
  Command.withSubcommands([replay])
)

const filterOf = (input: {
  readonly since: Option.Option<Date>
  readonly range: Option.Option<string>
  readonly ids: Option.Option<string>
  readonly type: Option.Option<string>
  readonly subject: Option.Option<string>
}): Effect.Effect<EventLog.Filter, Usage> => {
  const range = Option.getOrUndefined(input.range)
  const [, from, to] = /^(\d{1,18})\.\.(\d{1,18})$/.exec(range ?? "") ?? []
  if (range !== undefined && from === undefined) {
    return Effect.fail(new Usage({ message: `--range ${range} is not FROM..TO, such as 1000..1999.` }))
  }
  const filter: EventLog.Filter = given({
    since: Option.getOrUndefined(input.since),
    from,
    to,
    ids: Option.getOrUndefined(input.ids)?.split(",").map((id) => id.trim()).filter((id) => id !== ""),
    type: Option.getOrUndefined(input.type),
    subject: Option.getOrUndefined(input.subject)
  })
  return Object.keys(filter).length === 0
    ? Effect.fail(
      new Usage({
        message: "Say which events: --since, --range, --ids, --type or --subject; --range 0..999999999999 is all."
      })
    )
    : Effect.succeed(filter)
}

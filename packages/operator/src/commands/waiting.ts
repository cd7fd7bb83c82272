/** `delayed` and `outbox`: messages that wait for their time, and events the bus refused. */
import { Delayed, Parked } from "@kanau/postgres"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { confirmed, given, json, limit, say, show, yes } from "./console.ts"

const text = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.optional, Flag.withDescription(description))

const which = {
  type: text("type", "Only messages of this type"),
  subject: text("subject", "Only messages of this subject")
}

const filterOf = (input: { readonly type: Option.Option<string>; readonly subject: Option.Option<string> }) =>
  given({ type: Option.getOrUndefined(input.type), subject: Option.getOrUndefined(input.subject) })

const list = Command.make("list", { ...which, limit, json }, (input) =>
  Effect.flatMap(
    Delayed.list(filterOf(input), { limit: input.limit }),
    (rows) => show(input.json, rows, "Nothing waits for its time.")
  )).pipe(Command.withDescription("Messages that wait for their time, soonest first"))

const cancel = Command.make(
  "cancel",
  {
    id: Argument.String("id").pipe(Argument.optional, Argument.withDescription("Id of one message")),
    ...which,
    yes,
    json
  },
  (input) =>
    Effect.gen(function*() {
      const filter = { ...filterOf(input), ...given({ id: Option.getOrUndefined(input.id) }) }
      yield* confirmed(input.yes, `cancel ${Object.entries(filter).flat().join(" ") || "every delayed message"}`)
      const cancelled = yield* Delayed.cancel(filter)
      yield* say(input.json, { cancelled }, `${cancelled} messages will not be sent.`)
    })
).pipe(Command.withDescription("Cancel messages that wait, by id, type or subject"))

export const delayed = Command.make("delayed").pipe(
  Command.withDescription("Messages that wait for their time"),
  Command.withSubcommands([list, cancel])
)

const parked = Command.make("parked", { limit, json }, (input) =>
  Effect.flatMap(
    Parked.list({ limit: input.limit }),
    (rows) => show(input.json, rows, "The bus has refused nothing.")
  )).pipe(Command.withDescription("Events the bus refused, the first of each subject"))

const retry = Command.make("retry", { subject: which.subject, json }, (input) =>
  Effect.flatMap(
    Parked.retry(given({ subject: Option.getOrUndefined(input.subject) })),
    (retried) => say(input.json, { retried }, `${retried} subjects are tried again now.`)
  )).pipe(Command.withDescription("Try parked events again at once"))

const discard = Command.make(
  "discard",
  { position: Argument.String("position").pipe(Argument.withDescription("Position of the event")), yes, json },
  (input) =>
    Effect.gen(function*() {
      yield* confirmed(input.yes, `never publish the event at ${input.position}`)
      const discarded = yield* Parked.discard(input.position)
      yield* say(
        input.json,
        { discarded },
        discarded ? "It is given up; its subject goes on." : "It is not parked, or not the first of its subject."
      )
    })
).pipe(Command.withDescription("Give up a parked event, so that its subject goes on"))

export const outbox = Command.make("outbox").pipe(
  Command.withDescription("Events that are not published"),
  Command.withSubcommands([parked, retry, discard])
)

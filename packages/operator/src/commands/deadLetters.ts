/** `dlq`: dead letters, looked at, edited, sent again, thrown away. */
import { DeadLetters, Redrive } from "@kanau/postgres"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { confirmed, dryRun, given, json, limit, print, progress, say, show, yes } from "./console.ts"
import type { Connections } from "./deployment.ts"

const text = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.optional, Flag.withDescription(description))

const filter = {
  queue: text("queue", "Only of this queue"),
  fault: text("fault", "Only with this error, such as Unavailable"),
  type: text("type", "Only messages of this type"),
  subject: text("subject", "Only messages of this subject"),
  since: Flag.Date("since").pipe(Flag.optional, Flag.withDescription("Only given up at this time or later, ISO 8601")),
  state: Flag.Literals("state", ["parked", "redriving", "redriven", "resolved", "failed-again", "purged"]).pipe(
    Flag.withDefault("parked"),
    Flag.withDescription("parked unless said otherwise; redriving goes on after a crash")
  )
}

const numbers = Argument.String("number").pipe(
  Argument.withDescription("Numbers of letters; all that the flags mean when absent"),
  Argument.variadic()
)

const number = Argument.String("number").pipe(Argument.withDescription("Number of the letter"))

type Given = { readonly [K in keyof typeof filter]: unknown } & {
  readonly queue: Option.Option<string>
  readonly fault: Option.Option<string>
  readonly type: Option.Option<string>
  readonly subject: Option.Option<string>
  readonly since: Option.Option<Date>
  readonly state: DeadLetters.State
  readonly numbers?: ReadonlyArray<string>
}

const filterOf = ({ fault, numbers = [], queue, since, state, subject, type }: Given): DeadLetters.Filter => ({
  state,
  ...given({
    queue: Option.getOrUndefined(queue),
    fault: Option.getOrUndefined(fault),
    type: Option.getOrUndefined(type),
    subject: Option.getOrUndefined(subject),
    since: Option.getOrUndefined(since),
    numbers: numbers.length === 0 ? undefined : numbers
  })
})

const groups = Command.make(
  "groups",
  { ...filter, json },
  (input) =>
    Effect.flatMap(DeadLetters.groups(filterOf(input)), (rows) => show(input.json, rows, "There are no dead letters."))
).pipe(Command.withDescription("Kinds of trouble: letters by queue, message type and error"))

const list = Command.make(
  "list",
  { ...filter, limit, json },
  (input) =>
    Effect.flatMap(
      DeadLetters.list(filterOf(input), { limit: input.limit }),
      (rows) => show(input.json, rows, "There are no such letters.")
    )
).pipe(Command.withDescription("Letters in the order in which they would be redriven"))

const inspect = Command.make(
  "show",
  { number },
  (input) =>
    Effect.flatMap(DeadLetters.get(input.number), ({ data, ...letter }) => {
      const payload = new TextDecoder().decode(data)
      return print({
        ...letter,
        // Bytes that are no text are shown as what they are.
        ...(payload.includes("\uFFFD") ? { base64: Buffer.from(data).toString("base64") } : { data: payload })
      })
    })
).pipe(Command.withDescription("One letter with its attributes, payload and history, as JSON"))

const edit = Command.make(
  "edit",
  {
    number,
    data: Flag.FileText("data").pipe(Flag.optional, Flag.withDescription("A file whose content replaces the payload")),
    attributes: Flag.KeyValuePair("attribute").pipe(
      Flag.withDefault({}),
      Flag.withDescription("name=value, replaces one attribute; may be repeated")
    ),
    json
  },
  (input) =>
    Effect.gen(function*() {
      const letter = yield* DeadLetters.get(input.number)
      yield* DeadLetters.edit(input.number, {
        attributes: { ...letter.attributes, ...input.attributes },
        ...(Option.isNone(input.data) ? {} : { data: new TextEncoder().encode(input.data.value) })
      })
      yield* say(input.json, { edited: input.number }, `Letter ${input.number} is edited. Redrive it when it is right.`)
    })
).pipe(Command.withDescription("Replace attributes or payload of a parked letter"))

const redrive = Command.make(
  "redrive",
  {
    numbers,
    ...filter,
    to: text("to", "Send them to this queue instead of the one they came from"),
    rate: Flag.Int("rate").pipe(Flag.withDefault(100), Flag.withDescription("Most letters a second (100)")),
    dryRun,
    json
  },
  (input) =>
    Effect.gen(function*() {
      const wanted = filterOf(input)
      if (input.dryRun) {
        const letters = yield* DeadLetters.count(wanted)
        return yield* say(input.json, { letters }, `${letters} letters would be sent.`)
      }
      const sent = yield* progress(input.json, "letters", (onProgress) =>
        Redrive.redrive(wanted, {
          perSecond: input.rate,
          onProgress,
          ...given({ to: Option.getOrUndefined(input.to) })
        }))
      yield* say(input.json, { sent }, `${sent} letters were sent. Those that fail again come back.`)
    })
).pipe(Command.withDescription("Send letters again, in order; refuses when nobody consumes their queue"))

const purge = Command.make(
  "purge",
  { numbers, ...filter, yes, json },
  (input) =>
    Effect.gen(function*() {
      const wanted = filterOf(input)
      yield* confirmed(input.yes, `throw ${yield* DeadLetters.count(wanted)} letters away for good`)
      const purged = yield* DeadLetters.purge(wanted)
      yield* say(input.json, { purged }, `${purged} letters are gone.`)
    })
).pipe(Command.withDescription("Throw letters away for good"))

export const deadLetters = (bus: Connections["bus"]) =>
  Command.make("dlq").pipe(
    Command.withDescription("Messages that were given up"),
    Command.withSubcommands([groups, list, inspect, edit, Command.provide(redrive, bus), purge])
  )

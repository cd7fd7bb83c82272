/** `account`: what somebody may do. The first owner of a system comes from here; owners then decide over its API. */
import { Operate } from "@kanau/operator"
import * as Database from "@kanau/postgres/Database"
import { Attributes, newcomer } from "@kanau/vndb/accounts/Attributes"
import { Clock, Console, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { connections } from "./connections.ts"

const name = Argument.String("name").pipe(Argument.withDescription("Name of the account, as its credentials say"))

const json = Flag.Boolean("json").pipe(Flag.withDefault(false), Flag.withDescription("Print JSON"))

const { administration, community, sponsorship, verification, wiki } = Attributes.fields

const axes = {
  community: Flag.Literals("community", community.literals).pipe(
    Flag.optional,
    Flag.withDescription("Part in the community: suspended accounts only read, moderators delete users")
  ),
  wiki: Flag.Literals("wiki", wiki.literals).pipe(
    Flag.optional,
    Flag.withDescription("Part in the wiki: contributors edit, editors delete and hide, trusted editors lock")
  ),
  sponsorship: Flag.Literals("sponsorship", sponsorship.literals).pipe(
    Flag.optional,
    Flag.withDescription("Sponsors have more labels")
  ),
  administration: Flag.Literals("administration", administration.literals).pipe(
    Flag.optional,
    Flag.withDescription("Admins may do what others may; owners also say who may do what")
  ),
  verification: Flag.Literals("verification", verification.literals).pipe(
    Flag.optional,
    Flag.withDescription("Who has been verified to be what")
  )
}

/** Loaded when a command needs it, as the servers are. */
const accounts = Effect.promise(() => import("@kanau/vndb/accounts/entities/Accounts"))

const print = (asJson: boolean, account: string, attributes: Attributes | undefined) => {
  const rows = Object.entries(attributes ?? newcomer)
  if (asJson) {
    return Console.log(JSON.stringify({ name: account, known: attributes !== undefined, ...Object.fromEntries(rows) }))
  }
  const lines = rows.map(([axis, word]) => `${axis.padEnd(14)}  ${word}`)
  const found = attributes === undefined ? [`Nothing is said of ${account}; newcomers have these:`] : []
  return Console.log([...found, ...lines].join("\n"))
}

const show = Command.make("show", { name, json }, (input) =>
  Effect.gen(function*() {
    const { findAttributes } = yield* accounts
    yield* print(input.json, input.name, yield* Database.faults(findAttributes({ name: input.name })))
  })).pipe(Command.withDescription("What an account may do, on five axes"))

const set = Command.make("set", { name, ...axes, json }, ({ json, name, ...given }) =>
  Effect.gen(function*() {
    const attributes: Partial<Attributes> = Object.fromEntries(
      Object.entries(given).flatMap(([axis, word]) => Option.isSome(word) ? [[axis, word.value]] : [])
    )
    if (Object.keys(attributes).length === 0) {
      return yield* Effect.fail(
        new Operate.Usage({ message: `Say what to set, with one or more of --${Object.keys(axes).join(", --")}.` })
      )
    }
    const { findAttributes, putAttributes } = yield* accounts
    const at = new Date(yield* Clock.currentTimeMillis)
    const now = yield* Database.transaction(
      Effect.andThen(putAttributes({ name, attributes, at }), findAttributes({ name }))
    )
    yield* print(json, name, now)
  })).pipe(Command.withDescription("Say what an account may do; what is left out stays as it is"))

export const account = Command.make("account").pipe(
  Command.withDescription("Who may do what"),
  Command.withSubcommands([show, set]),
  Command.provide(connections.postgres)
)

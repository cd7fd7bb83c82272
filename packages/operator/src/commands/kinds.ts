/** Which views or indexes a command is about. */
import { Effect } from "effect"
import { Argument } from "effect/cli"
import { Usage } from "./usage.ts"

/** The argument. */
export const kindOrAll = Argument.String("kind").pipe(Argument.withDescription("Its name, such as vn; or all"))

/** The same for what is done to one at a time. */
export const kind = Argument.String("kind").pipe(Argument.withDescription("Its name, such as vn"))

/** The one with this name, or every one for `all`. */
export const chosen = <A>(
  what: string,
  all: ReadonlyArray<A>,
  nameOf: (one: A) => string,
  asked: string
): Effect.Effect<ReadonlyArray<A>, Usage> =>
  asked === "all" ? Effect.succeed(all) : Effect.map(only(what, all, nameOf, asked, " or all"), (one) => [one])

/** The one with this name. */
export const only = <A>(
  what: string,
  all: ReadonlyArray<A>,
  nameOf: (one: A) => string,
  asked: string,
  otherwise = ""
): Effect.Effect<A, Usage> => {
  const found = all.find((one) => nameOf(one) === asked)
  return found === undefined
    ? Effect.fail(
      new Usage({ message: `There is no ${what} ${asked}; it may be ${all.map(nameOf).join(", ")}${otherwise}.` })
    )
    : Effect.succeed(found)
}

/** The name of a view. */
export const nameOf = ({ name }: { readonly name: string }): string => name

/** The commands of `view` that are about its generations. */
import { Generations, Rebuild, type View } from "@kanau/views"
import { Effect } from "effect"
import { Command } from "effect/cli"
import { confirmed, json, say, yes } from "./console.ts"
import type { Connections, Deployment } from "./deployment.ts"
import { chosen, kind, kindOrAll, nameOf, only } from "./kinds.ts"

export const generationsCommands = (deployment: Effect.Effect<Deployment>, views: Connections["views"]) => {
  const rollback = Command.make("rollback", { kind, yes, json }, (input) =>
    Effect.gen(function*() {
      const view = yield* only("view", (yield* deployment).views, nameOf, input.kind)
      const { live, previous } = yield* Generations.read(view.name)
      if (previous === null) return yield* new Rebuild.NoPrevious({ view: view.name })
      yield* confirmed(input.yes, `show generation ${previous} of ${view.name} instead of ${live}`)
      yield* Rebuild.rollback(view)
      yield* say(
        input.json,
        { view: view.name, live: previous, previous: live },
        `Generation ${previous} of ${view.name} is shown again. The same command shows ${live}.`
      )
    })).pipe(Command.withDescription("Show the previous generation again"), Command.provide(views))

  const abandon = Command.make("abandon", { kind: kindOrAll, yes, json }, (input) =>
    Effect.gen(function*() {
      const all = yield* chosen("view", (yield* deployment).views, nameOf, input.kind)
      const building = yield* named(all, ({ building }) => building)
      if (building.length > 0) yield* confirmed(input.yes, `throw away what is built of ${building.join(", ")}`)
      const abandoned = yield* Effect.filter(all, (view) => Rebuild.abandon(view))
      yield* said(input.json, "abandoned", abandoned, "is not built any more", "No rebuild was begun.")
    })).pipe(Command.withDescription("Give up a rebuild that was begun"), Command.provide(views))

  const dropPrevious = Command.make("drop-previous", { kind: kindOrAll, yes, json }, (input) =>
    Effect.gen(function*() {
      const all = yield* chosen("view", (yield* deployment).views, nameOf, input.kind)
      const previous = yield* named(all, ({ previous }) => previous)
      if (previous.length > 0) {
        yield* confirmed(
          input.yes,
          `drop the previous generation of ${previous.join(", ")}, which could be shown again`
        )
      }
      const dropped = yield* Effect.filter(all, (view) => Rebuild.dropPrevious(view))
      yield* said(
        input.json,
        "dropped",
        dropped,
        "has no previous generation any more",
        "There is no previous generation."
      )
    })).pipe(
      Command.withDescription("Drop the generation that is kept for a rollback"),
      Command.provide(views)
    )

  return [rollback, abandon, dropPrevious] as const
}

/** The views that have such a generation, with its number. */
const named = (
  views: ReadonlyArray<View.View<unknown>>,
  which: (generations: Generations.Generations) => number | null
) =>
  Effect.map(
    Effect.forEach(views, ({ name }) => Effect.map(Generations.read(name), (known) => [name, which(known)] as const)),
    (all) => all.flatMap(([name, generation]) => generation === null ? [] : [`${name} (${generation})`])
  )

const said = (
  asJson: boolean,
  member: string,
  views: ReadonlyArray<View.View<unknown>>,
  sentence: string,
  none: string
): Effect.Effect<void> =>
  say(
    asJson,
    { [member]: views.map(nameOf) },
    views.length === 0 ? none : views.map(({ name }) => `${name} ${sentence}.`).join("\n")
  )

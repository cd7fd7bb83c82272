/** `view`: the documents of views derived again, built anew, compared, and how they fare. */
import { Bus } from "@kanau/messaging"
import { Freshness } from "@kanau/postgres"
import { Diff, Generations, Rebuild, ViewStore } from "@kanau/views"
import { Console, Effect, Layer } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { confirmed, json, limit, print, progress, show, yes } from "./console.ts"
import type { Connections, Deployment } from "./deployment.ts"
import { generationsCommands } from "./generations.ts"
import { chosen, kindOrAll, nameOf } from "./kinds.ts"
import { refresh as refreshView } from "./refreshing.ts"
import { Unwell, Usage } from "./usage.ts"

const ids = Argument.String("id").pipe(
  Argument.withDescription("Ids of documents, such as v17"),
  Argument.variadic()
)
const all = Flag.Boolean("all").pipe(
  Flag.withDefault(false),
  Flag.withDescription("Every document there is")
)

export const view = (deployment: Effect.Effect<Deployment>, { bus, postgres, views }: Connections) => {
  const asked = (kind: string) => Effect.flatMap(deployment, ({ views }) => chosen("view", views, nameOf, kind))

  const refresh = Command.make("refresh", { kind: kindOrAll, ids, all, json }, (input) =>
    Effect.gen(function*() {
      const chosenViews = yield* asked(input.kind)
      if (input.all === (input.ids.length > 0)) {
        return yield* new Usage({ message: "Say which documents: their ids, or --all." })
      }
      if (input.kind === "all" && !input.all) return yield* new Usage({ message: "Name the view these ids are of." })
      const done = yield* Effect.forEach(chosenViews, (one) =>
        progress(input.json, `documents of ${one.name}`, (report) =>
          refreshView(one, input.all ? "all" : input.ids, report)))
      yield* show(input.json, done, "There are no views.")
    })).pipe(
      Command.withDescription("Derive documents from PostgreSQL again; safe while everything runs"),
      Command.provide(Layer.mergeAll(postgres, bus, views))
    )

  const rebuild = Command.make("rebuild", { kind: kindOrAll, yes, json }, (input) =>
    Effect.gen(function*() {
      const chosenViews = yield* asked(input.kind)
      const { rebuilding } = yield* deployment
      const known = yield* Effect.forEach(chosenViews, ({ name }) => Generations.read(name))
      yield* confirmed(input.yes, chosenViews.map(({ name }, at) => planOf(name, known[at])).join("; "))
      const queue = yield* (yield* Bus.Bus).status(rebuilding)
      if ((queue?.consumers ?? 0) === 0) {
        yield* Console.error(`Nobody takes from ${rebuilding}: start a view-manager, then run this again.`)
        return yield* new Unwell()
      }
      const done = yield* Effect.forEach(chosenViews, (one, at) =>
        Effect.gen(function*() {
          const building = known[at]?.building ?? null
          if (building !== null && !input.json) {
            yield* Console.error(`Goes on with generation ${building} of ${one.name}.`)
          }
          const work = progress(input.json, `documents of ${one.name}`, (report) =>
            Rebuild.run(one, { onProgress: ({ done, total }) => report(done, total) }))
          const rebuilt = yield* Effect.onInterrupt(work, () =>
            Console.error(
              `Interrupted. The same command goes on with it; \`view abandon ${one.name}\` gives it up.`
            ))
          return { view: one.name, ...rebuilt }
        }))
      yield* show(input.json, done, "There are no views.")
      if (!input.json) {
        yield* Console.log("\nThis is shown now. `view rollback` shows what was shown before.")
      }
    })).pipe(
      Command.withDescription(
        "Build all documents anew beside those that are shown, compare, and show them. Goes on where it was interrupted"
      ),
      Command.provide(Layer.mergeAll(postgres, bus, views))
    )

  const diff = Command.make("diff", { kind: kindOrAll, ids, limit, json }, (input) =>
    Effect.gen(function*() {
      const chosenViews = yield* asked(input.kind)
      if (input.kind === "all" && input.ids.length > 0) {
        return yield* new Usage({ message: "Name the view these ids are of." })
      }
      const reports = yield* Effect.forEach(chosenViews, (one) =>
        Effect.map(
          progress(input.json, `documents of ${one.name}`, (report) =>
            Diff.run(one, {
              limit: input.limit,
              onProgress: (compared) => report(compared),
              ...(input.ids.length > 0 ? { ids: input.ids } : {})
            })),
          (report) => ({ view: one.name, ...report })
        ))
      if (input.json) yield* print(reports)
      else yield* Effect.forEach(reports, summary, { discard: true })
      if (reports.some(({ added, changed, removed }) => added + changed + removed > 0)) return yield* new Unwell()
    })).pipe(
      Command.withDescription(
        "Compare what is shown with what this version derives, and write nothing; 1 if it differs"
      ),
      Command.provide(Layer.mergeAll(postgres, views))
    )

  const status = Command.make("status", { json }, (input) =>
    Effect.gen(function*() {
      const store = yield* ViewStore.ViewStore
      const { views } = yield* deployment
      const lags = new Map((yield* Freshness.look(views)).map((lag) => [lag.view, lag]))
      const rows = yield* Effect.forEach(views, ({ name }) =>
        Effect.gen(function*() {
          const { building, live, previous } = yield* Generations.read(name)
          const documents = yield* store.count(Generations.collection(name, live))
          const { behind = 0, oldestSeconds = 0 } = lags.get(name) ?? {}
          return { view: name, live, building, previous, documents, behind, oldestSeconds: Math.round(oldestSeconds) }
        }))
      yield* show(input.json, rows, "There are no views.")
    })).pipe(
      Command.withDescription("Generations of each view, its documents, and how many events it is behind"),
      Command.provide(Layer.mergeAll(postgres, views))
    )

  return Command.make("view").pipe(
    Command.withDescription("The documents that are shown"),
    Command.withSubcommands([refresh, rebuild, diff, status, ...generationsCommands(deployment, views)])
  )
}

const planOf = (name: string, known: Generations.Generations | undefined): string => {
  const { building, live, previous } = known ?? { building: null, live: 1, previous: null }
  if (building !== null) return `go on building generation ${building} of ${name} and show it instead of ${live}`
  const dropped = previous === null ? "" : `, and drop generation ${previous}, which could be shown again`
  return `build ${name} anew and show it instead of generation ${live}${dropped}`
}

const summary = (report: Diff.Report & { readonly view: string }): Effect.Effect<void> => {
  const { added, changed, compared, differences, removed, view } = report
  const rows = differences.map(({ fields, id, kind, patch }) => ({
    id,
    kind,
    what: [...patch.map(({ op, path }) => `${op} ${path}`), ...fields.map((field) => `field ${field}`)].join(", ")
  }))
  const counts =
    `${view}: of ${compared} documents ${changed} differ, ${added} are missing, ${removed} should not be there.`
  return rows.length === 0 ? Console.log(counts) : Effect.andThen(show(false, rows, ""), Console.log(`${counts}\n`))
}

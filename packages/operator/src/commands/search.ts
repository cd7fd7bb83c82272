/** `search`: indexes built anew, and how they fare. */
import { type Indexing, Reindex } from "@kanau/search"
import { Clock, Effect, Layer } from "effect"
import { Command } from "effect/cli"
import { confirmed, json, progress, show, yes } from "./console.ts"
import type { Connections, Deployment } from "./deployment.ts"
import { chosen, kindOrAll } from "./kinds.ts"

const nameOf = ({ index }: Indexing.Source<unknown>): string => index.name

export const search = (deployment: Effect.Effect<Deployment>, connections: Connections) => {
  const reindex = Command.make("reindex", { kind: kindOrAll, yes, json }, (input) =>
    Effect.gen(function*() {
      const sources = yield* chosen("index", (yield* deployment).sources, nameOf, input.kind)
      yield* confirmed(
        input.yes,
        `build ${sources.map(nameOf).join(", ")} anew and put it in place of what is searched`
      )
      const done = yield* Effect.forEach(sources, (source) =>
        Effect.map(
          progress(
            input.json,
            `documents of ${source.index.name}`,
            (report) => Reindex.run(source, { onProgress: ({ done, total }) => report(done, Math.max(done, total)) })
          ),
          (result) => ({ index: source.index.name, ...result })
        ))
      yield* show(input.json, done, "There are no search indexes.")
    })).pipe(
      Command.withDescription("Build an index anew beside the one that is searched, and swap them"),
      Command.provide(Layer.merge(connections.postgres, connections.search))
    )

  const status = Command.make("status", { json }, (input) =>
    Effect.gen(function*() {
      const found = yield* Reindex.status((yield* deployment).sources)
      const now = yield* Clock.currentTimeMillis
      const rows = Object.entries(found).map(([index, { reindexing, ...counts }]) => ({
        index,
        ...counts,
        reindexing: input.json || reindexing === undefined
          ? reindexing
          : `${reindexing.done} of ${reindexing.total}, ${Math.round((now - reindexing.updatedAt) / 1000)} s ago`
      }))
      yield* show(input.json, rows, "There are no search indexes.")
    })).pipe(
      Command.withDescription(
        "Documents of each index, writes that wait or failed, and the next index if one is built"
      ),
      Command.provide(connections.search)
    )

  return Command.make("search").pipe(
    Command.withDescription("The search indexes"),
    Command.withSubcommands([reindex, status])
  )
}

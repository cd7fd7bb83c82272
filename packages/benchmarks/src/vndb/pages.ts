/** How fast a whole database becomes pages: everything derived from scratch, then every document derived and written. */
import { Correlation } from "@kanau/core"
import { EmbeddedBus } from "@kanau/messaging"
import { Database, Outbox } from "@kanau/postgres"
import { Generations, Refresh, type View, type ViewStore } from "@kanau/views"
import { DeriveService, ViewManager } from "@kanau/vndb"
import { Effect, Layer, Redacted, References } from "effect"
import { SqlClient } from "effect/sql"
import { report } from "../report.ts"

/** `url` is of a database that has been imported, `store` takes the pages, `label` names the scale in the cases. */
export const pages = (bench: string, label: string, { store, url }: {
  readonly url: string
  readonly store: Layer.Layer<ViewStore.ViewStore, unknown, SqlClient.SqlClient>
}): Promise<void> =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    yield* sql.unsafe(`truncate ${DeriveService.tables.join(", ")}`)
    let derived = 0
    for (const { name, run } of DeriveService.everything) {
      const millis = yield* timed(run)
      derived += millis
      report({ bench, case: `${label}: ${name} from scratch`, unit: "ms", ours: [millis] })
    }
    report({ bench, case: `${label}: derived data from scratch`, unit: "ms", ours: [derived] })
    yield* Generations.prepare(ViewManager.views)
    let documents = 0
    let total = 0
    for (const view of ViewManager.views) {
      const counted = { documents: 0 }
      const millis = yield* timed(writeAll(view as View.View<never>, counted))
      documents += counted.documents
      total += millis
      if (counted.documents === 0) continue
      report({
        bench,
        case: `${label}: pages of ${view.name}`,
        unit: "documents/s",
        ours: [counted.documents / millis * 1000]
      })
    }
    report({ bench, case: `${label}: all pages (${documents})`, unit: "ms", ours: [total] })
    report({ bench, case: `${label}: all pages`, unit: "MB RSS", ours: [process.memoryUsage().rss / 2 ** 20] })
  }).pipe(
    Effect.provideServiceEffect(Correlation.Correlation, Correlation.start),
    Effect.provide(connected(url, store)),
    Effect.provideService(References.MinimumLogLevel, "Error"),
    Effect.scoped,
    Effect.runPromise
  )

const connected = <E>(url: string, store: Layer.Layer<ViewStore.ViewStore, E, SqlClient.SqlClient>) =>
  Layer.merge(
    Layer.provideMerge(
      Layer.merge(Outbox.layer({ source: "/bench" }), store),
      Database.layer({ url: Redacted.make(url), applicationName: "bench-vndb" })
    ),
    EmbeddedBus.layer({ file: ":memory:" })
  )

const writeAll = <R>(view: View.View<R>, counted: { documents: number }) =>
  Effect.gen(function*() {
    let after: string | undefined
    for (;;) {
      const ids = yield* view.keys(after, 500)
      if (ids.length === 0) return
      yield* Refresh.documents(view, ids)
      counted.documents += ids.length
      after = ids.at(-1)
    }
  })

const timed = <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<number, E, R> =>
  Effect.gen(function*() {
    const began = performance.now()
    yield* work
    return performance.now() - began
  })

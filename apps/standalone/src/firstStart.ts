/** Fills an empty system with a sample dump, and waits until every page shows it. */
import { Reindex } from "@kanau/search"
import { ViewStore } from "@kanau/views"
import { ImportService, Wiki, WikiSearch } from "@kanau/vndb"
import { Effect } from "effect"

/** Imports an invented dump, with a progress line, unless there are pages already. */
export const importSampleDump = Effect.gen(function*() {
  const store = yield* ViewStore.ViewStore
  if ((yield* store.count("vn")) > 0) return
  const report = yield* Wiki.withSampleDump((path) =>
    ImportService.importDump({
      path,
      onProgress: ({ step, what, done, total }) => progress(`${steps[step]} ${what}: ${done}/${total}`)
    }), scale)
  const pages = (report.rows["vn"] ?? 0) + (report.rows["releases"] ?? 0)
  yield* Effect.gen(function*() {
    const shown = (yield* store.count("vn")) + (yield* store.count("release"))
    yield* progress(`rendering pages: ${shown}/${pages}`)
    return shown
  }).pipe(Effect.delay("50 millis"), Effect.repeat({ until: (shown) => shown >= pages }))
  yield* progress(`imported a sample dump: ${report.created} entries, with their pages\n`)
})

/** The search engine of this profile holds its indexes in memory, so they are filled at every start. */
export const fillSearch = Effect.forEach(WikiSearch.sources, (source) => Reindex.run(source), { discard: true })

/** Forty visual novels: done in seconds, by one process. */
const scale = 0.0006

const steps = { read: "reading", check: "checking", merge: "importing", derive: "deriving" } as const

const progress = (text: string) =>
  Effect.sync(() => {
    process.stdout.write(process.stdout.isTTY ? `\r\u001b[2K${text}` : text.endsWith("\n") ? text : "")
  })

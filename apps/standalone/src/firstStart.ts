/** Fills an empty system with the bundled dump, and waits until every page shows it. */
import { Reindex } from "@kanau/search"
import { ViewStore } from "@kanau/views"
import { ImportService, Wiki, WikiSearch } from "@kanau/vndb"
import { Effect } from "effect"

/** Imports the bundled dump, with a progress line, unless there are pages already. */
export const importBundledDump = Effect.gen(function*() {
  const store = yield* ViewStore.ViewStore
  if ((yield* store.count("vn")) > 0) return
  const report = yield* ImportService.importDump({
    folder: Wiki.bundledDump,
    onProgress: ({ step, what, done, total }) =>
      progress(`${step === "read" ? "reading" : "importing"} ${what}: ${done}${total === undefined ? "" : `/${total}`}`)
  })
  const pages = report.created + report.changed + report.unchanged
  yield* Effect.gen(function*() {
    const shown = (yield* store.count("vn")) + (yield* store.count("release"))
    yield* progress(`rendering pages: ${shown}/${pages}`)
    return shown
  }).pipe(Effect.delay("50 millis"), Effect.repeat({ until: (shown) => shown >= pages }))
  yield* progress(`imported the bundled dump: ${pages} entries, each with its page\n`)
})

/** The search engine of this profile holds its indexes in memory, so they are filled at every start. */
export const fillSearch = Effect.forEach(WikiSearch.sources, (source) => Reindex.run(source), { discard: true })

const progress = (text: string) =>
  Effect.sync(() => {
    process.stdout.write(process.stdout.isTTY ? `\r\u001b[2K${text}` : text.endsWith("\n") ? text : "")
  })

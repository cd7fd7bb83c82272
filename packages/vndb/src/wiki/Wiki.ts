/** The wiki module as applications see it: its service, its views, its hooks, its migrations. */
import { Processor } from "@kanau/core"
import type { Migrations } from "@kanau/postgres"
import { fileURLToPath } from "node:url"
import { countVnChanges } from "./hooks/CountVnChanges.ts"
import { derive } from "./hooks/Derive.ts"
import { indexing } from "./search/sources.ts"
import * as entries from "./services/entries.ts"
import * as HistoryService from "./services/HistoryService.ts"

/** Every operation on entries. */
export const handlers = [...entries.handlers, ...HistoryService.handlers] as const

/** The same as a service that asks nobody who may do what; see `accounts`. */
export const service = Processor.serve(...handlers)

export { withSampleDump } from "./import/sample.ts"
export { views } from "./views/views.ts"

/** Side effects of wiki events. */
export const hooks = [countVnChanges, derive] as const

/** The queues of this module; its pages are kept by `roles/views`. */
export const queues = [indexing, ...hooks].map(({ queue }) => queue)

/** The module's tables. */
export const migrations: Migrations.MigrationSet = {
  table: "wiki_migrations",
  folder: fileURLToPath(new URL("../../../../migrations", import.meta.url))
}

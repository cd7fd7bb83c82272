import type { Ledger } from "@kanau/postgres"
import { removeTraces } from "../community/hooks/RemoveTraces.ts"
import { countVnChanges } from "../wiki/hooks/CountVnChanges.ts"
import { derive } from "../wiki/hooks/Derive.ts"
import { indexing } from "../wiki/search/sources.ts"
import { days } from "./days.ts"
import { housekeeping } from "./housekeeping.ts"
import { projection } from "./views.ts"

/** The queues whose events are kept account of. A hook deduplicates under the name of its queue. */
export const accounts: ReadonlyArray<Ledger.Account> = [
  ...[countVnChanges, removeTraces].map(({ queue }) => ({ queue: queue.name, types: queue.types, inbox: queue.name })),
  ...[projection, indexing, derive, days, housekeeping].map(({ queue }) => ({ queue: queue.name, types: queue.types }))
]

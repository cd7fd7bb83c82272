/** The entries that answer a search best, best first. */
import type { Predicate } from "@kanau/views"
import { Effect } from "effect"
import type { Entity } from "../Filters.ts"
import type { Found } from "../LabelIndex.ts"
import { idsIn } from "../Plan.ts"
import { rankFor } from "../SearchRank.ts"
import type { Store, Trouble } from "../Store.ts"
import { byNumber } from "./scalars.ts"

/** Most entries that are ranked, where documents have to be read for it. Of more, which ones is open. */
const most = 10_000

/** Which entries are wanted, and by which words they are ranked. */
export interface Ranking {
  readonly words: ReadonlyArray<string>
  /** Whether nothing is asked for but these words. */
  readonly isSearch: boolean
  /** The worst first. */
  readonly reverse: boolean
  readonly skip: number
  readonly limit: number
}

/** Ids of those that fulfil a predicate; ties are in the order of ids. */
export const rankedIds = (
  store: Store,
  entity: Entity,
  where: Predicate.Predicate,
  { isSearch, limit, reverse, skip, words }: Ranking
): Effect.Effect<ReadonlyArray<string>, Trouble> => {
  const rank = rankFor(words)
  const best = (found: Found) =>
    // Pages of staff are of aliases.
    Array.from(found, ([id, labels]) => ({ id, rank: rank(id.split(".", 1)[0] ?? id, labels) }))
      .sort((a, b) => (reverse ? a.rank - b.rank : b.rank - a.rank) || byNumber(a.id, b.id))
      .slice(skip, skip + limit).map(({ id }) => id)
  const known = idsIn(where)
  const ids: Effect.Effect<Iterable<string>, Trouble> = known === undefined
    ? store.pluck(entity, { where, member: "id", limit: most })
    : Effect.succeed(known)
  const read = Effect.flatMap(ids, (some) => store.labels(entity, [...some]))
  const found = known === undefined && isSearch
    ? Effect.flatMap(store.search(entity, words), (some) => some === undefined ? read : Effect.succeed(some))
    : read
  return Effect.map(found, best)
}

/** The entries that answer a search best, best first. */
import type { Predicate, ViewStore } from "@kanau/views"
import { Effect } from "effect"
import { rank } from "../SearchRank.ts"
import type { Label } from "../SearchText.ts"
import { batches, type Name, type Store, type Trouble } from "../Store.ts"
import { numberOf } from "./scalars.ts"

/** Most entries that are ranked. Of more, which ones is open: nobody looks for something by what so many have. */
const most = 10_000
const batch = 500

/** Which entries are wanted, and by which words they are ranked. */
export interface Ranking {
  readonly words: ReadonlyArray<string>
  /** The worst first. */
  readonly reverse: boolean
  readonly skip: number
  readonly limit: number
}

/** Ids of those that fulfil a predicate; ties are in the order of ids. */
export const rankedIds = (
  store: Store,
  name: Name,
  where: Predicate.Predicate,
  { limit, reverse, skip, words }: Ranking
): Effect.Effect<ReadonlyArray<string>, Trouble> =>
  Effect.flatMap(store.pluck(name, { where, member: "id", limit: most }), (ids) =>
    Effect.map(
      Effect.forEach(batches([...ids], batch), (some) => ranked(store, name, some, words), { concurrency: 2 }),
      (found) =>
        found.flat().sort((a, b) => (reverse ? a.rank - b.rank : b.rank - a.rank) || inOrder(a.id, b.id))
          .slice(skip, skip + limit).map(({ id }) => id)
    ))

const ranked = (store: Store, name: Name, ids: ReadonlyArray<string>, words: ReadonlyArray<string>) => {
  const selection: ViewStore.Selection = {
    where: { field: "id", is: "in", values: ids },
    sort: [],
    skip: 0,
    limit: ids.length,
    fields: ["labels"],
    bytes: false
  }
  return Effect.map(store.select(name, selection), (found) =>
    found.map(({ fields, id }) => ({
      id,
      // As the field is declared in `documents`; pages of staff are of aliases.
      rank: rank(words, id.replace(/\..*/, ""), (fields["labels"] ?? []) as unknown as ReadonlyArray<Label>)
    })))
}

/** v2 before v10, s1.2 before s1.10. */
const inOrder = (a: string, b: string): number => {
  const [one = "", alias = "0"] = a.split(".")
  const [other = "", otherAlias = "0"] = b.split(".")
  return numberOf(one) - numberOf(other) || Number(alias) - Number(otherAlias)
}

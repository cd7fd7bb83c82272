/** A public page as a view: derived from the facts of its entry. */
import { Database } from "@kanau/postgres"
import { View } from "@kanau/views"
import { Effect } from "effect"
import { activeIds } from "../entities/Entries.ts"
import { findFacts, type PageKind } from "../entities/facts.ts"
import { type Kind, kinds } from "../kinds.ts"
import { shapeOf } from "./shapes.ts"

/** What `render` makes of an entry. */
export interface Rendered {
  readonly page: object
  readonly fields: object
}

/** Derives the pages of a kind. */
export const deriveWith =
  <Facts>(kind: PageKind, render: (facts: Facts, revision: number) => Rendered) => (ids: ReadonlyArray<string>) =>
    Effect.map(
      Database.faults(findFacts<Facts>({ kind, ids })),
      (rows) =>
        rows.map(({ facts, id, revision, version }): View.Derived => {
          if (facts === null) return { id, version, revision, json: null, fields: {} }
          const { fields, page } = render(facts, revision)
          // The shape is that of `kana/documents`, which the fields were written from.
          return { id, version, revision, json: JSON.stringify(page), fields: fields as View.Derived["fields"] }
        })
    )

/** Ids of the entries that everybody may see. */
export const keysOf = (kind: Kind) => (after: string | undefined, limit: number) =>
  Database.faults(activeIds({ kind, after, limit }))

/** The view of a kind whose pages are its entries. */
export const pageView = <R>(
  kind: PageKind,
  // Of each kind the facts are its own.
  render: (facts: never, revision: number) => Rendered,
  dependsOn: ReadonlyArray<View.Dependency<R>>
) => {
  const { fields, indexes } = shapeOf(kind)
  return View.define({
    name: kind,
    dependsOn,
    derive: deriveWith(kind, render),
    keys: keysOf(kinds[kind]),
    fields,
    indexes
  })
}

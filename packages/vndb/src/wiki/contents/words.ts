/** What people write about tags, traits, quotes and pages of documentation. */
import { Schema } from "effect"
import * as Words from "../vocabulary.ts"

const nullable = Schema.NullOr

export const tag = {
  essentials: { name: Words.Name, cat: Words.TagCategory },
  details: {
    defaultspoil: Words.Spoiler,
    searchable: Schema.Boolean,
    applicable: Schema.Boolean,
    alias: Words.Aliases,
    description: Words.Description,
    parents: Words.rows(
      Schema.Struct({ parent: Words.TagId, main: Schema.Boolean }).annotate({ identifier: "TagParent" }),
      ["parent"],
      20
    )
  },
  defaults: { defaultspoil: 0, searchable: true, applicable: true, alias: "", description: "", parents: [] }
}

export const TagContent = Schema.Struct({ ...tag.essentials, ...tag.details })

export const trait = {
  essentials: { name: Words.Name },
  details: {
    gid: nullable(Words.TraitId),
    gorder: Words.range(0, 32_767),
    defaultspoil: Words.Spoiler,
    sexual: Schema.Boolean,
    searchable: Schema.Boolean,
    applicable: Schema.Boolean,
    alias: Words.Aliases,
    description: Words.Description,
    parents: Words.rows(
      Schema.Struct({ parent: Words.TraitId, main: Schema.Boolean }).annotate({ identifier: "TraitParent" }),
      ["parent"],
      20
    )
  },
  defaults: {
    gid: null,
    gorder: 0,
    defaultspoil: 0,
    sexual: false,
    searchable: true,
    applicable: true,
    alias: "",
    description: "",
    parents: []
  }
}

export const TraitContent = Schema.Struct({ ...trait.essentials, ...trait.details })

/** Of tags and traits alike. */
export const mistakeOfParents = (
  id: string,
  { parents }: { readonly parents: ReadonlyArray<{ readonly parent: string; readonly main: boolean }> }
): string | undefined => {
  if (parents.some(({ parent }) => parent === id)) return "parents: nothing is its own parent"
  return parents.length > 0 && parents.filter(({ main }) => main).length !== 1
    ? "parents: one of them, and only one, is the main one"
    : undefined
}

export const quote = {
  essentials: { vid: Words.VnId, quote: Schema.NonEmptyString.check(Schema.isMaxLength(500)) },
  details: { cid: nullable(Words.CharacterId) },
  defaults: { cid: null }
}

export const QuoteContent = Schema.Struct({ ...quote.essentials, ...quote.details })

export const doc = {
  essentials: { title: Words.Name },
  details: { content: Words.text(200_000) },
  defaults: { content: "" }
}

export const DocContent = Schema.Struct({ ...doc.essentials, ...doc.details })

/** The public page of a page of documentation, and what lists know of it. */
import { Schema } from "effect"
import * as Words from "../vocabulary.ts"
import { numberOf } from "./values.ts"

export const DocPage = Schema.Struct({
  id: Words.DocId,
  revision: Schema.Int,
  title: Schema.String,
  content: Schema.String
}).annotate({ identifier: "Doc" })

/** See `entities/facts/others`. */
export interface DocFacts {
  readonly row: { readonly id: string; readonly title: string; readonly content: string }
}

export const docPage = ({ row: { content, id, title } }: DocFacts, revision: number) => {
  const page: typeof DocPage.Type = { id, revision, title, content }
  return { page, fields: { num: numberOf(id), title } }
}

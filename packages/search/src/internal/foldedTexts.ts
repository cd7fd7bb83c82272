import { indexed } from "../Folding.ts"
import type { Definition, Document } from "../SearchIndex.ts"

/** The folded texts of the searchable fields of a document, one for each value of a field. */
export const foldedTexts = (
  { searchable }: Definition,
  document: Document
): Readonly<Record<string, ReadonlyArray<string>>> =>
  Object.fromEntries(
    searchable.map((field) => [field, [document[field] ?? []].flat().map((value) => indexed(String(value)))])
  )

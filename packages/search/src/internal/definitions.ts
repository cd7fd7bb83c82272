/** Checks of declarations, which are mistakes of a programmer and thrown at start. */
import { fold } from "../Folding.ts"
import type { Definition } from "../SearchIndex.ts"

export const checkedDefinition = <D extends Definition>(definition: D): D => {
  const { name, searchable, filterable, sortable, ranking, synonyms, stopWords } = definition
  if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name) || name.length > 64) {
    throw new Error(`${name} is no name for an index; use lower-case letters, digits and single _`)
  }
  if (searchable.length === 0) throw new Error(`The index ${name} searches no field; name one in searchable`)
  for (const field of [...searchable, ...filterable, ...sortable, ...ranking.map((order) => order.field)]) {
    if (!/^[a-zA-Z][a-zA-Z0-9_]*$/.test(field)) {
      throw new Error(`${field} is no name for a field of the index ${name}; use letters, digits and _`)
    }
  }
  const words = [...Object.entries(synonyms).flat(2), ...stopWords]
  const wrong = words.find((word) => fold(word) === "" || fold(word).includes(" "))
  if (wrong !== undefined) {
    throw new Error(`"${wrong}" in the synonyms or stop words of the index ${name} is not one word`)
  }
  return definition
}

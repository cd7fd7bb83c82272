/**
 * Which documents hold a text at a path of a declared index, so that a query for some of them need not look at all. A path
 * is looked through when a query first asks for it, and kept up from then on. What is found is only a beginning: there are
 * documents in it that the query does not want, but none that it wants is missing.
 */
import type { Doc } from "./documents.ts"
import { docsOf, isPlain, keyOf, valueAt } from "./documents.ts"

type Keys = ReadonlySet<string>

export class Lookups {
  /** Path → text → keys of documents. */
  readonly #paths = new Map<string, Map<string, Set<string>>>()

  /** Notes a document; what was there before is removed first. */
  put(key: string, document: Doc): void {
    for (const [path, texts] of this.#paths) add(texts, path, key, document)
  }

  remove(key: string, document: Doc): void {
    for (const [path, texts] of this.#paths) {
      for (const text of textsIn(valueAt(document, path))) texts.get(text)?.delete(key)
    }
  }

  /** Keys of the documents that a filter can hold for; undefined when it says nothing about a path that is declared. */
  narrowed(filter: Doc, isDeclared: (path: string) => boolean, documents: ReadonlyMap<string, Doc>): Keys | undefined {
    const textsAt = (path: string): ReadonlyMap<string, Keys> => {
      const known = this.#paths.get(path)
      if (known !== undefined) return known
      const texts = new Map<string, Set<string>>()
      for (const [key, document] of documents) add(texts, path, key, document)
      this.#paths.set(path, texts)
      return texts
    }
    const holding = (path: string, wanted: ReadonlyArray<string>): Keys => {
      if (path === "_id") return new Set(wanted.map(keyOf))
      const texts = textsAt(path)
      return united(wanted.map((text) => texts.get(text) ?? none))
    }
    const fewest = (conditions: ReadonlyArray<Keys | undefined>): Keys | undefined =>
      conditions.reduce(
        (best, each) => best === undefined || (each !== undefined && each.size < best.size) ? each : best,
        undefined
      )

    const narrow = (condition: Doc, prefix: string): Keys | undefined =>
      fewest(
        Object.entries(condition).map(([name, operand]) => {
          if (name === "$and") return fewest(docsOf(operand).map((each) => narrow(each, prefix)))
          if (name === "$or") {
            const each = docsOf(operand).map((one) => narrow(one, prefix))
            return each.includes(undefined) ? undefined : united(each.flatMap((keys) => keys ?? []))
          }
          if (name.startsWith("$")) return undefined
          const path = prefix + name
          const wanted = textsOf(operand)
          if (wanted !== undefined) return path === "_id" || isDeclared(path) ? holding(path, wanted) : undefined
          return isPlain(operand) && isPlain(operand["$elemMatch"])
            ? narrow(operand["$elemMatch"], `${path}.`)
            : undefined
        })
      )
    return narrow(filter, "")
  }
}

const none: Keys = new Set()

const united = (all: ReadonlyArray<Keys>): Keys => {
  const keys = new Set<string>()
  for (const each of all) for (const key of each) keys.add(key)
  return keys
}

const add = (texts: Map<string, Set<string>>, path: string, key: string, document: Doc): void => {
  for (const text of textsIn(valueAt(document, path))) {
    const keys = texts.get(text)
    if (keys === undefined) texts.set(text, new Set([key]))
    else keys.add(key)
  }
}

const textsIn = (value: unknown): ReadonlyArray<string> =>
  typeof value === "string" ? [value] : Array.isArray(value) ? value.flatMap(textsIn) : []

/** The texts that a condition on one path wants one of. */
const textsOf = (operand: unknown): ReadonlyArray<string> | undefined => {
  if (typeof operand === "string") return [operand]
  if (!isPlain(operand)) return undefined
  const { $eq, $in } = operand
  if (typeof $eq === "string") return [$eq]
  return Array.isArray($in) && $in.every((each) => typeof each === "string") ? $in : undefined
}

/** One index in memory: MiniSearch finds the words, the ranking is ours, so that it is the same as Meilisearch's. */
import MiniSearch from "minisearch"
import type { Change, Definition, Document, Found, Query } from "../SearchIndex.ts"
import { foldedTexts } from "./foldedTexts.ts"
import { highlighter } from "./highlight.ts"
import { limits } from "./limits.ts"
import type { Term } from "./matching.ts"
import { termsOf, typosOf } from "./matching.ts"
import { comparator, countValues, predicate } from "./predicates.ts"

/** A document, and the folded texts of its searchable fields. */
interface Entry {
  readonly id: string
  readonly document: Document
  readonly folded: Readonly<Record<string, ReadonlyArray<string>>>
}

/** How one term matches one document. */
interface Match {
  typos: number
  rank: number
  isExact: boolean
}

/** How a query matches a document; compared in the order of the members. */
interface Score {
  readonly words: number
  readonly typos: number
  readonly rank: number
  readonly exact: number
}

export class Engine {
  readonly #definition: Definition
  readonly #entries = new Map<string, Entry>()
  readonly #words: MiniSearch<Entry>

  constructor(definition: Definition, documents: Iterable<readonly [id: string, document: Document]> = []) {
    this.#definition = definition
    this.#words = new MiniSearch<Entry>({
      fields: [...definition.searchable],
      extractField: (entry, field) => field === "id" ? entry.id : entry.folded[field]?.join(" "),
      tokenize: (text) => text.split(" "),
      processTerm: (word) => word === "" ? null : word,
      // Entries are removed with their words at once; nothing is left to clean up later.
      autoVacuum: false
    })
    this.write([...documents].map(([id, document]) => ({ id, document })))
  }

  get size(): number {
    return this.#entries.size
  }

  /** Whether it finds the same with these settings. */
  isFor(definition: Definition): boolean {
    return this.#definition.searchable.join() === definition.searchable.join()
  }

  get documents(): Iterable<readonly [id: string, document: Document]> {
    return [...this.#entries.values()].map(({ id, document }) => [id, document] as const)
  }

  write(changes: ReadonlyArray<Change>): void {
    for (const { document, id } of changes) {
      const before = this.#entries.get(id)
      if (before !== undefined) this.#words.remove(before)
      this.#entries.delete(id)
      if (document === null) continue
      const entry: Entry = { id, document: structuredClone(document), folded: foldedTexts(this.#definition, document) }
      this.#entries.set(id, entry)
      this.#words.add(entry)
    }
  }

  search(definition: Definition, query: Query): Found {
    const terms = termsOf(definition, query.text ?? "")
    const fits = query.filter === undefined ? () => true : predicate(query.filter)
    const found = this.#found(definition, terms, query).filter(([{ document }]) => fits(document))
    const orders = (query.sort ?? []).map(comparator)
    const ranking = definition.ranking.map(comparator)
    const ranked = found.toSorted(([a, x], [b, y]) =>
      first(orders.map((order) => order(a.document, b.document))) ||
      y.words - x.words || x.typos - y.typos || x.rank - y.rank || y.exact - x.exact ||
      first(ranking.map((order) => order(a.document, b.document))) || (a.id < b.id ? -1 : 1)
    )
    const { limit = 20, offset = 0 } = query
    const highlight = highlighter(definition, query)
    const documents = found.map(([{ document }]) => document)
    return {
      hits: ranked.slice(offset, offset + limit).map(([{ document, id }, score]) => ({
        id,
        document: structuredClone(document),
        score: scoreOf(score, terms.length),
        highlights: highlight(document)
      })),
      estimatedTotal: Math.min(found.length, limits.reach),
      facets: Object.fromEntries((query.facets ?? []).map((field) => [field, countValues(field, documents)]))
    }
  }

  #found(
    definition: Definition,
    terms: ReadonlyArray<Term>,
    query: Query
  ): ReadonlyArray<readonly [Entry, Score]> {
    if (terms.length === 0) {
      return [...this.#entries.values()].map((entry) => [entry, { words: 0, typos: 0, rank: 0, exact: 0 }] as const)
    }
    const matches = terms.map((term) => this.#matches(definition, term))
    const matching = query.matching ?? (query.sort === undefined ? "last" : "all")
    const whole = terms.map(({ word }) => word).join(" ")
    return [...matches[0]?.keys() ?? []].flatMap((id) => {
      const entry = this.#entries.get(id)
      const each = matches.map((ofTerm) => ofTerm.get(id))
      const missing = each.findIndex((match) => match === undefined)
      if (entry === undefined || (matching === "all" && missing !== -1)) return []
      // A query loses its last words first, so what stands behind a missing one does not count.
      const there = each.slice(0, missing === -1 ? undefined : missing).filter((match) => match !== undefined)
      const isWhole = Object.values(entry.folded).some((texts) => texts.includes(whole))
      return [
        [entry, {
          words: missing === -1 ? terms.length : missing,
          typos: sum(there.map(({ typos }) => typos)),
          rank: sum(there.map(({ rank }) => rank)),
          exact: there.filter(({ isExact }) => isExact).length + (isWhole ? 1 : 0)
        }] as const
      ]
    })
  }

  #matches(definition: Definition, term: Term): ReadonlyMap<string, Match> {
    const best = new Map<string, Match>()
    for (const alternative of term.alternatives) {
      const results = this.#words.search(alternative, {
        prefix: term.isPrefix,
        // It counts a swap of neighbours as two typos, we as one: look further, and count again.
        fuzzy: term.budget === 0 ? false : term.budget + 1
      })
      for (const { id, match } of results) {
        for (const [word, fields] of Object.entries(match)) {
          const typos = typosOf(term, word)
          if (typos === undefined) continue
          const rank = Math.min(...fields.map((field) => definition.searchable.indexOf(field)))
          const before = best.get(String(id))
          if (before === undefined) best.set(String(id), { typos, rank, isExact: word === term.word })
          else {
            before.typos = Math.min(before.typos, typos)
            before.rank = Math.min(before.rank, rank)
            before.isExact ||= word === term.word
          }
        }
      }
    }
    return best
  }
}

const first = (comparisons: ReadonlyArray<number>): number => comparisons.find((comparison) => comparison !== 0) ?? 0

const sum = (values: ReadonlyArray<number>): number => values.reduce((total, value) => total + value, 0)

const scoreOf = ({ exact, rank, typos, words }: Score, terms: number): number =>
  terms === 0
    ? 1
    : (0.6 * words) / terms + 0.2 / (1 + typos) + 0.1 / (1 + rank) + (0.1 * Math.min(exact, terms + 1)) / (terms + 1)

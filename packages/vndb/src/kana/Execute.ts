/**
 * Answers queries from view documents: questions for other entries first, then the entries themselves, then what their
 * pages lack.
 *
 * An answer shows what the documents say when each is read; it is no snapshot of all of them. It is bounded by the size of
 * the query, not in time: that is for whoever asks.
 */
import type { Predicate } from "@kanau/views"
import { Clock, Effect, Semaphore } from "effect"
import type { Endpoint } from "./Fields.ts"
import * as FilterForms from "./FilterForms.ts"
import type { Entity } from "./Filters.ts"
import { randomQuote } from "./internal/randomQuote.ts"
import { rankedIds } from "./internal/ranking.ts"
import { byNumber } from "./internal/scalars.ts"
import { inJson, written } from "./internal/writing.ts"
import { idsIn, listPlan, plan, type Question, type RandomQuote, resolve, type Search, type Situation } from "./Plan.ts"
import { type Page, project } from "./project.ts"
import type { Query } from "./Query.ts"
import { sortFields } from "./Sorts.ts"
import * as Store from "./Store.ts"

/** Who asks, by their token. */
export interface Reader {
  /** "u2" */
  readonly id: string
  /** Whether their private list entries and labels are visible. */
  readonly listread: boolean
  /** Whether their lists may be changed; nothing here does. */
  readonly listwrite: boolean
}

/** How many questions of one query are asked at the same time. */
const questions = 4

/**
 * The answer to a query, in JSON: `results`, whether there are `more`, and those of `count`, `compact_filters`,
 * `normalized_filters` and `time` (milliseconds) that were asked for.
 *
 * @example
 * ```ts
 * import { MemoryViewStore } from "@kanau/testing"
 * import { execute } from "@kanau/vndb/kana/Execute"
 * import * as Query from "@kanau/vndb/kana/Query"
 * import * as Store from "@kanau/vndb/kana/Store"
 * import { Effect, Result } from "effect"
 *
 * const views = MemoryViewStore.make()
 * await Effect.runPromise(views.prepare("tag", { fields: { num: "number", category: "text" }, indexes: [] }))
 * const store = Store.make(views, { collection: (view) => Effect.succeed(view) })
 * const query = Result.getOrThrow(Query.parse("tag", { filters: ["category", "=", "ero"], count: true }, null))
 * const answer = await Effect.runPromise(execute(store, query, null))
 * new TextDecoder().decode(answer) // => '{"results":[],"more":false,"count":0}'
 * ```
 */
export const execute = Effect.fnUntraced(function*(store: Store.Store, query: Query, reader: Reader | null) {
  const started = yield* Clock.currentTimeMillis
  const situation: Situation = {
    today: Number(new Date(started).toISOString().slice(0, 10).replaceAll("-", "")),
    reader: reader?.id ?? null,
    readsPrivate: reader?.listread ?? false
  }
  const sought = yield* query.endpoint === "ulist"
    ? listed(store, query, situation)
    : predicateOf(store, query.endpoint, query.filter, situation)
  const { entity, where } = sought
  const [found, count] = yield* Effect.all([
    query.results === 0 ? Effect.succeed([]) : documentsOf(store, query, sought),
    query.count ? store.tally(entity, where) : Effect.undefined
  ], { concurrency: 2 })
  const results = yield* resultsOf(store, query, found.slice(0, query.results), situation)
  const ended = yield* Clock.currentTimeMillis
  const rest = {
    more: found.length > query.results,
    ...(count === undefined ? {} : { count }),
    ...(query.compactFilters ? { compact_filters: FilterForms.compact(entity, query.filter) } : {}),
    ...(query.normalizedFilters ? { normalized_filters: FilterForms.normal(query.filter) } : {}),
    ...(query.time ? { time: ended - started } : {})
  }
  return Buffer.concat([
    Buffer.from("{\"results\":["),
    ...results.flatMap((each, at) => at === 0 ? [each] : [comma, each]),
    Buffer.from(`],${JSON.stringify(rest).slice(1)}`)
  ])
})

const comma = Buffer.from(",")

/** The results in JSON. Lists are never kept written: whoever asks may see another part of them. */
const resultsOf = (
  store: Store.Store,
  { endpoint, fields, user }: Query,
  documents: ReadonlyArray<Store.Document>,
  { reader, readsPrivate }: Situation
): Effect.Effect<ReadonlyArray<Uint8Array>, Store.Trouble> => {
  const read = (entity: Endpoint, ids: ReadonlyArray<string>) => Store.pages(store, entity, ids)
  if (endpoint !== "ulist") return written({ endpoint, fields, read, store }, documents)
  const isOwner = readsPrivate && reader === user
  const rows = documents.map(store.pageOf)
  return Effect.map(
    project(endpoint, fields, isOwner ? rows : rows.map(withoutPrivate), read),
    (results) => results.map(inJson)
  )
}

/** What answers a query: entries by a predicate. Of a list, its visual novels, which know more than its rows. */
interface Sought {
  readonly entity: Entity
  readonly where: Predicate.Predicate
  /** Whether nothing but words is asked for, which labels alone can tell. */
  readonly isSearch: boolean
}

/** The condition on documents, once everything that it asks of others is known. */
const predicateOf = (
  store: Store.Store,
  entity: Entity,
  filter: Query["filter"],
  situation: Situation
): Effect.Effect<Sought, Store.Trouble> => {
  const planned = plan(entity, filter, situation)
  return Effect.flatMap(Semaphore.make(questions), (semaphore) =>
    Effect.map(
      resolve(planned, (question) => semaphore.withPermits(1)(asked(store, question))),
      (where) => ({ entity, where, isSearch: "search" in planned })
    ))
}

const listed = (
  store: Store.Store,
  { filter, user }: Query,
  situation: Situation
): Effect.Effect<Sought, Store.Trouble> =>
  Effect.zipWith(
    store.pluck("ulist", { where: listPlan(user ?? "", situation), member: "vn" }),
    predicateOf(store, "vn", filter, situation),
    (vns, { where }) => ({
      entity: "vn",
      where: { all: [{ field: "id", is: "in", values: [...vns] }, where] },
      isSearch: false
    })
  )

/** Most ids that a search may put in the place of its words. */
const mostFound = 10_000

const asked = (
  store: Store.Store,
  question: Question<Predicate.Predicate> | RandomQuote | Search
): Effect.Effect<Iterable<string> | undefined, Store.Trouble> => {
  if ("search" in question) {
    return Effect.map(
      store.search(question.entity, question.search),
      (found) => found === undefined || found.size > mostFound ? undefined : found.keys()
    )
  }
  if ("random" in question) return Effect.map(randomQuote(store), (id) => id === undefined ? [] : [id])
  const { documents, list, member, where } = question
  return store.pluck(documents, { where, member, ...(list === null ? {} : { list }) })
}

/** Sorts of lists that are about visual novels; the others are about the rows. */
const ofVns = new Set(["id", "title", "released", "rating", "votecount", "popularity", "searchrank"])

/** One page more than is shown, so that it is known whether there is another. */
const documentsOf = (
  store: Store.Store,
  query: Query,
  { entity, isSearch, where }: Sought
): Effect.Effect<ReadonlyArray<Store.Document>, Store.Trouble> => {
  const { endpoint, rankedBy, reverse, sort } = query
  const window = { skip: (query.page - 1) * query.results, limit: query.results + 1 }
  const sorted = sortFields(endpoint, sort, reverse)
  const isList = endpoint === "ulist"
  const known = idsIn(where)
  if (sort === "id" && !isList && known !== undefined && known.length <= Store.batch) {
    const ordered = [...new Set(known)].sort(reverse ? (a, b) => byNumber(b, a) : byNumber)
    return Effect.map(
      inOrder(store, endpoint, ordered),
      (found) => found.slice(window.skip, window.skip + window.limit)
    )
  }
  const ids = rankedBy !== null
    ? rankedIds(store, entity, where, { words: rankedBy, isSearch, reverse, ...window })
    : isList && ofVns.has(sort)
    ? Effect.map(
      store.select(entity, { where, sort: sorted, bytes: false, ...window }),
      (found) => found.map(({ id }) => id)
    )
    : undefined
  if (ids !== undefined) {
    const idOf = (id: string) => isList ? `${query.user ?? ""}.${id}` : id
    return Effect.flatMap(ids, (found) => inOrder(store, endpoint, found.map(idOf)))
  }
  const rows: Effect.Effect<Predicate.Predicate, Store.Trouble> = isList
    ? Effect.map(store.pluck(entity, { where, member: "id" }), (vns) => ({
      field: "id",
      is: "in",
      values: Array.from(vns, (vn) => `${query.user ?? ""}.${vn}`)
    }))
    : Effect.succeed(where)
  return Effect.flatMap(rows, (condition) => store.select(endpoint, { where: condition, sort: sorted, ...window }))
}

const inOrder = (
  store: Store.Store,
  endpoint: Query["endpoint"],
  ids: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<Store.Document>, Store.Trouble> =>
  Effect.map(
    store.documents(endpoint, ids),
    (found) => ids.map((id) => found.get(id)).filter((document) => document !== undefined)
  )

/** A row of a list as others see it: without the labels that only their owner sees. The voted one is not among them. */
const withoutPrivate = (page: Page): Page => {
  const labels = page["labels"] as ReadonlyArray<{ readonly id: number; readonly private: boolean }>
  return { ...page, labels: labels.filter((label) => !label.private || label.id === voted) }
}

const voted = 7

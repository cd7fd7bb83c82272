import { assert, describe, layer } from "@effect/vitest"
import { type Generations, ViewStore } from "@kanau/views"
import { Effect, Result, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import { execute, type Reader } from "../../src/kana/Execute.ts"
import type { Endpoint } from "../../src/kana/Fields.ts"
import { searchable } from "../../src/kana/internal/memory.ts"
import * as LabelMemory from "../../src/kana/LabelMemory.ts"
import * as Query from "../../src/kana/Query.ts"
import { rankFor } from "../../src/kana/SearchRank.ts"
import { sortNames } from "../../src/kana/Sorts.ts"
import * as Store from "../../src/kana/Store.ts"
import { load, makeLabels } from "./dump.ts"
import { derived, inPostgres } from "./gateway.ts"
import { filtersFrom, randomFrom } from "./randomFilters.ts"
import { type Asker, condition, isRowOpen, sources } from "./reference.ts"
import { fieldsOf } from "./referenceFields.ts"

const endpoints: ReadonlyArray<Endpoint> = [
  ...(["vn", "vn", "vn", "release", "release", "character", "character", "staff", "producer"] as const),
  ...(["tag", "trait", "quote", "ulist", "ulist"] as const)
]

/** Ids in order, by SQL; `q` is a query. */
const referenceOf = (q: Query.Query, asker: Asker) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const entity = q.endpoint === "ulist" ? "vn" : q.endpoint
    const where = q.filter === null ? "true" : condition(entity, q.filter, { x: "x" }, asker)
    const isOwn = asker.readsPrivate && asker.reader === q.user
    const list = q.endpoint === "ulist"
      ? `join ulist_vns l on l.vid = x.id and l.uid = '${q.user}' and ${isOwn ? "true" : isRowOpen("l")}`
      : ""
    const id = entity === "staff" ? "x.id || '.' || x.aid" : "x.id"
    const direction = q.reverse ? "desc" : "asc"
    const last = q.reverse ? "desc nulls first" : "asc nulls last"
    const keys: Readonly<Record<string, string>> = {
      title: `x.sorttitle collate "C" ${direction}`,
      name: `x.sorttitle collate "C" ${direction}`,
      released: `coalesce(x.released, 0) ${direction}`,
      rating: `x.rating ${direction} nulls last`,
      votecount: `x.votecount ${direction}`,
      popularity: `x.votecount ${direction}`,
      vn_count: `x.items ${direction}`,
      char_count: `x.items ${direction}`,
      score: `x.score ${direction}`,
      voted: `l.vote_date ${last}`,
      vote: `l.vote ${last}`,
      added: `l.added ${direction}`,
      lastmod: `l.lastmod ${direction}`,
      started: `l.started ${last}`,
      finished: `l.finished ${last}`
    }
    const number = "substring(x.id from '[0-9]+')::int"
    const order = [
      keys[q.sort] ?? `${number} ${q.sort === "id" ? direction : "asc"}`,
      number,
      ...(entity === "staff" ? ["x.aid"] : [])
    ].join(", ")
    const rows = yield* sql.unsafe<{ id: string; labels: ReadonlyArray<{ t: string; p: number }> }>(
      `select ${id} as id, (select coalesce(json_agg(json_build_object('t', l.t, 'p', l.p)), '[]') from labels l
        where l.kind = '${entity}' and l.id = ${id}) as labels
      from ${sources[entity]("x")} ${list} where ${where} order by ${order}`
    )
    const { rankedBy } = q
    if (rankedBy === null) return rows.map((row) => row.id)
    const sign = q.reverse ? 1 : -1
    const rank = rankFor(rankedBy)
    return rows.map((row, at) => ({ ...row, at, rank: rank(row.id.replace(/\..*/, ""), row.labels) }))
      .sort((a, b) => sign * (a.rank - b.rank) || a.at - b.at).map((row) => row.id)
  })

/** Lists of objects have no order, so they are put into one. */
const unordered = (value: unknown): unknown => {
  if (Array.isArray(value)) {
    const all = value.map(unordered)
    const isOfObjects = all.some((each) => typeof each === "object" && each !== null)
    return isOfObjects ? all.toSorted((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1) : all
  }
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(
    Object.entries(value).toSorted(([a], [b]) => a < b ? -1 : 1).map(([name, each]) => [name, unordered(each)])
  )
}

/** The store, filled the first time. */
const prepared = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const there = yield* sql`select from vn limit 1`
  if (there.length === 0) {
    yield* load({ seed: 7n, scale: 0.0006 })
    yield* makeLabels
    yield* derived
  }
  const texts = yield* sql<{ text: string }>`select t as text from labels order by kind, id, t`
  const generations: Generations.Watched = { collection: (view) => Effect.succeed(view) }
  const views = yield* ViewStore.ViewStore
  const store = Store.make(views, generations)
  return { texts, store, remembering: Store.remembering(store, yield* memoryOf(views, store)) }
})

/** All labels in memory, and documents from a store that is asked for them by id. */
const memoryOf = (views: ViewStore.ViewStoreService, store: Store.Store) =>
  Effect.gen(function*() {
    const labels = new Map<string, LabelMemory.LabelMemory>()
    for (const name of searchable) {
      const memory = yield* LabelMemory.make(Store.labelSource(store, name))
      memory.setOpen(true)
      yield* Effect.repeat(memory.current, { until: (index) => index !== undefined, schedule: Schedule.spaced(5) })
      labels.set(name, memory)
    }
    const documents: Store.Memory["documents"] = (view, ids) =>
      view === "ulist"
        ? undefined
        : Effect.map(views.getMany(view, ids), (found) => new Map(found.map((one) => [one.id, one])))
    return { documents, labels }
  })

const replied = (...asked: Parameters<typeof execute>) =>
  Effect.map(
    execute(...asked),
    (bytes) =>
      JSON.parse(utf8.decode(bytes)) as {
        readonly results: ReadonlyArray<unknown>
        readonly more: boolean
        readonly count?: number
      }
  )

const utf8 = new TextDecoder()

describe("Kana against SQL", () => {
  layer(inPostgres, { timeout: "120 seconds", excludeTestServices: true })((it) => {
    it.effect("NV-4 Kana 2.4 every member of every entry is the same as by SQL", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const { store } = yield* prepared
        for (const endpoint of ["vn", "release", "producer", "character", "staff", "tag", "trait", "quote"] as const) {
          const { fields, sql: expression } = fieldsOf(endpoint)
          const order = `substring(x.id from '[0-9]+')::int${endpoint === "staff" ? ", x.aid" : ""}`
          const expected = yield* sql.unsafe<{ page: unknown }>(
            `select ${expression} as page from ${sources[endpoint]("x")} order by ${order}`
          )
          const query = Result.getOrThrow(Query.parse(endpoint, { fields }, null))
          const found: Array<unknown> = []
          for (let page = 1; found.length < expected.length; page++) {
            const { results } = yield* replied(store, { ...query, results: 100, page }, null)
            assert.deepStrictEqual((yield* replied(store, { ...query, results: 100, page }, null)).results, results)
            assert.isNotEmpty(results, endpoint)
            found.push(...results)
          }
          assert.strictEqual(found.length, expected.length, endpoint)
          for (const [at, page] of found.entries()) {
            assert.deepStrictEqual(unordered(page), unordered(expected[at]?.page))
          }
        }
      }), 60_000)

    it.effect(
      "NV-4 Kana 2.3 whatever the filters, sorts and pages: the same entries in the same order as by SQL",
      () =>
        Effect.gen(function*() {
          const { remembering, store, texts } = yield* prepared
          const users = (yield* (yield* SqlClient.SqlClient)<{ uid: string }>`select uid from ulist_vns group by uid
          order by count(*) desc limit 5`).map(({ uid }) => uid)
          let found = 0
          let partial = 0
          for (const seed of [1, 2]) {
            const random = randomFrom(seed)
            const pick = <A>(all: ReadonlyArray<A>): A => all[Math.floor(random() * all.length)]!
            const pieces = Array.from({ length: 40 }, () => {
              const { text } = pick(texts)
              const at = Math.floor(random() * text.length)
              return text.slice(at, at + 1 + Math.floor(random() * 4))
            })
            const filterOf = filtersFrom(seed, { ids: 60, words: ["", "v7", ...pieces] })
            for (let at = 0; at < 150; at++) {
              const endpoint = pick(endpoints)
              const entity = endpoint === "ulist" ? "vn" : endpoint
              const reader: Reader | null = random() < 0.5
                ? null
                : { id: pick(users), listread: random() < 0.7, listwrite: false }
              const user = random() < 0.5 && reader !== null ? reader.id : pick(users)
              const word = pick(pieces)
              const isRanked = endpoint !== "quote" && random() < 0.155
              const search = ["search", "=", word]
              const filters = isRanked
                ? random() < 0.3 ? search : ["and", search, filterOf(entity)]
                : random() < 0.1
                ? []
                : filterOf(entity)
              if (JSON.stringify(filters).includes("\"random\"")) continue
              const sort = pick(sortNames(endpoint).filter((name) => name !== "searchrank"))
              const body = {
                filters,
                sort,
                reverse: random() < 0.5,
                results: 1 + Math.floor(random() * 30),
                count: true
              }
              const page = random() < 0.6 ? 1 : 1 + Math.floor(random() * 4)
              const ranked = Query.parse(endpoint, { ...body, page, user, sort: "searchrank" }, reader?.id ?? null)
              const plain = Query.parse(endpoint, { ...body, page, user }, reader?.id ?? null)
              const parsed = isRanked && Result.isSuccess(ranked) ? ranked : plain
              // A filter that the rules refuse, such as too many words, is no query.
              if (Result.isFailure(parsed)) continue
              const asker: Asker = {
                today: Number(new Date().toISOString().slice(0, 10).replaceAll("-", "")),
                reader: reader?.id ?? null,
                readsPrivate: reader?.listread ?? false
              }
              const query = parsed.success
              const expected = yield* referenceOf(query, asker)
              const fields = endpoint === "staff" ? { id: {}, aid: {} } : { id: {} }
              const reply = yield* replied(store, { ...query, fields }, reader)
              assert.deepStrictEqual(yield* replied(remembering, { ...query, fields }, reader), reply)
              const shown = reply.results.map((each) => {
                const { aid, id } = each as { readonly id: string; readonly aid?: number }
                return aid === undefined ? id : `${id}.${aid}`
              })
              const skip = (query.page - 1) * query.results
              const asked = JSON.stringify({
                endpoint,
                filters,
                sort: query.sort,
                reverse: query.reverse,
                page,
                user,
                reader
              })
              assert.deepStrictEqual(shown, expected.slice(skip, skip + query.results), asked)
              assert.strictEqual(reply.count, expected.length, asked)
              assert.strictEqual(reply.more, expected.length > skip + query.results, asked)
              if (expected.length > 0) found++
              if (reply.more) partial++
            }
          }
          assert.isAbove(found, 100)
          assert.isAbove(partial, 50)
        }),
      100_000
    )
  })
})

import { MeiliStandIn } from "@kanau/testing"
import { Meilisearch, MeilisearchApiError } from "meilisearch"
import { afterAll, describe, expect, test } from "vitest"

const standIn = await MeiliStandIn.start({ apiKey: "k" })
afterAll(() => standIn.close())
const client = new Meilisearch({ host: standIn.url, apiKey: "k" })
let indexes = 0
const newIndex = () => client.index(`i${indexes++}`)

const code = (call: Promise<unknown>) =>
  call.then(
    () => "no error",
    (error: unknown) => error instanceof MeilisearchApiError ? error.cause?.code : String(error)
  )
const ids = ({ hits }: { readonly hits: ReadonlyArray<Record<string, any>> }) => hits.map((hit) => hit["id"])

const books = async () => {
  const index = newIndex()
  await index.addDocuments([
    { id: 1, title: "Batman returns", author: { name: "A" }, genres: ["action", "Drama"], price: 10, year: 1992 },
    { id: 2, title: "Batman dark knight", genres: ["action"], price: 25, year: 2008, note: null },
    { id: 3, title: "The dark forest", genres: [], price: 5, year: 2015 },
    { id: 4, title: "Knight rider", text: "a dark batman", price: 7, year: 1982 },
    { id: 5, title: "Saturday night", price: 3, year: 1977, note: "" }
  ]).waitTask()
  await index.updateSettings({
    filterableAttributes: ["genres", "price", "year", "note", "author.name"],
    sortableAttributes: ["price", "year"],
    searchableAttributes: ["title", "text"]
  }).waitTask()
  return index
}
const shared = books()

describe("Stand-in for Meilisearch, through the official client: tasks", () => {
  test("it is healthy, and asks for its key", async () => {
    expect(await client.isHealthy()).toBe(true)
    expect(await code(new Meilisearch({ host: standIn.url, apiKey: "x" }).getStats())).toBe("invalid_api_key")
    expect(await code(new Meilisearch({ host: standIn.url }).getStats())).toBe("missing_authorization_header")
  })

  test("a write is accepted first and carried out later", async () => {
    const index = newIndex()
    const task = await index.addDocuments([{ id: 1 }])
    expect([task.status, task.type]).toEqual(["enqueued", "documentAdditionOrUpdate"])
    const done = await client.tasks.waitForTask(task)
    expect([done.status, done.details?.indexedDocuments]).toEqual(["succeeded", 1])
    expect((await index.getRawInfo()).primaryKey).toBe("id")
  })

  test("a failed task says why, and changes nothing", async () => {
    const index = newIndex()
    const failed = await index.addDocuments([{ id: 1 }, { noid: 2 }]).waitTask()
    expect([failed.status, failed.error?.code]).toEqual(["failed", "missing_document_id"])
    expect((await index.getStats()).numberOfDocuments).toBe(0)
    const wrong = await index.addDocuments([{ id: "a b" }]).waitTask()
    expect(wrong.error?.code).toBe("invalid_document_id")
    expect((await newIndex().addDocuments([{ a: 1 }]).waitTask()).error?.code).toBe(
      "index_primary_key_no_candidate_found"
    )
    expect((await newIndex().addDocuments([{ aid: 1, bid: 2 }]).waitTask()).error?.code).toBe(
      "index_primary_key_multiple_candidates_found"
    )
    await client.createIndex(index.uid).waitTask()
    expect((await client.createIndex(index.uid).waitTask()).error?.code).toBe("index_already_exists")
    const { results } = await client.tasks.getTasks({ statuses: ["failed"], limit: 2 })
    expect(results.map(({ status }) => status)).toEqual(["failed", "failed"])
    expect(results[0]?.uid).toBeGreaterThan(results[1]?.uid ?? Infinity)
  })

  test("indexes are swapped and deleted", async () => {
    const [a, b] = [newIndex(), newIndex()]
    await client.createIndex(b.uid, { primaryKey: "id" }).waitTask()
    await a.addDocuments([{ id: 1 }]).waitTask()
    await client.swapIndexes([{ indexes: [a.uid, b.uid], rename: false }]).waitTask()
    expect((await b.getStats()).numberOfDocuments).toBe(1)
    await client.deleteIndex(b.uid).waitTask()
    expect(await code(client.getIndex(b.uid))).toBe("index_not_found")
    expect((await client.swapIndexes([{ indexes: [a.uid, b.uid], rename: false }]).waitTask()).error?.code).toBe(
      "index_not_found"
    )
  })

  test("what it holds, tasks included, outlives a stop", async () => {
    await using other = await MeiliStandIn.start({ taskMillis: 50 })
    const there = new Meilisearch({ host: other.url })
    const task = await there.index("a").addDocuments([{ id: 1 }])
    await other.stop()
    expect(await there.isHealthy()).toBe(false)
    await other.start()
    expect((await there.tasks.waitForTask(task)).status).toBe("succeeded")
  })
})

describe("Stand-in for Meilisearch, through the official client: searching", () => {
  test("an index that is not there is an error", async () => {
    expect(await code(client.index("nowhere").search("a"))).toBe("index_not_found")
  })

  test("words are dropped from the right, unless all are wanted", async () => {
    const index = await shared
    expect(ids(await index.search("batman dark knight"))).toEqual([2, 4, 1])
    expect(ids(await index.search("batman dark knight", { matchingStrategy: "all" }))).toEqual([2, 4])
  })

  test("typos by length, a wrong first letter twice, beginnings of the last word", async () => {
    const index = await shared
    expect(ids(await index.search("batmn")).sort()).toEqual([1, 2, 4])
    expect(ids(await index.search("caturday"))).toEqual([])
    expect(ids(await index.search("drak"))).toEqual([])
    expect(ids(await index.search("sat"))).toEqual([5])
    expect(ids(await index.search("dark"))).toEqual([2, 3, 4])
  })

  test("filters", async () => {
    const index = await shared
    const found = async (filter: string | Array<string | Array<string>>) => ids(await index.search("", { filter }))
    expect(await found("genres = drama")).toEqual([1])
    expect(await found("(genres = action OR price < 4) AND NOT year 1970 TO 1980")).toEqual([1, 2])
    expect(await found([["genres = action", "price IN [3, 7]"], "year >= 1982"])).toEqual([1, 2, 4])
    expect(await found("note EXISTS")).toEqual([2, 5])
    expect(await found("note IS NULL")).toEqual([2])
    expect(await found("genres IS EMPTY")).toEqual([3])
    expect(await found("author.name = 'A'")).toEqual([1])
    expect(await code(found("title = x"))).toBe("invalid_search_filter")
    expect(await code(found("price =="))).toBe("invalid_search_filter")
  })

  test("sort, facets, highlights, pages", async () => {
    const index = await shared
    expect(ids(await index.search("", { sort: ["price:desc"], limit: 2 }))).toEqual([2, 1])
    expect(await code(index.search("", { sort: ["title:asc"] }))).toBe("invalid_search_sort")
    expect(await code(index.search("", { facets: ["title"] }))).toBe("invalid_search_facets")
    const faceted = await index.search("", { facets: ["genres", "price"] })
    expect(faceted.facetDistribution?.["genres"]).toEqual({ action: 2, Drama: 1 })
    expect(faceted.facetStats?.["price"]).toEqual({ min: 3, max: 25 })
    const { hits: [hit] } = await index.search("batman", { attributesToHighlight: ["title"], limit: 1 })
    expect(hit?._formatted?.["title"]).toContain("<em>Batman</em>")
    const page = await index.search("", { page: 2, hitsPerPage: 2 })
    expect([page.totalHits, page.totalPages, page.hits.length]).toEqual([5, 3, 2])
    expect(Object.keys((await index.search("", { attributesToRetrieve: ["id"] })).hits[0] ?? {})).toEqual(["id"])
  })

  test("documents are merged, replaced, fetched, and deleted in every way", async () => {
    const index = await books()
    await index.updateDocuments([{ id: 1, price: 11 }]).waitTask()
    expect((await index.getDocument(1))["title"]).toBe("Batman returns")
    await index.addDocuments([{ id: 1, price: 12 }]).waitTask()
    expect(await index.getDocument(1)).toEqual({ id: 1, price: 12 })
    expect(await code(index.getDocument(99))).toBe("document_not_found")
    expect((await index.getDocuments({ filter: "price > 9", limit: 5 })).results.map(({ id }) => id)).toEqual([1, 2])
    expect((await index.deleteDocuments({ filter: "price = 12" }).waitTask()).details?.deletedDocuments).toBe(1)
    await index.deleteDocument(2).waitTask()
    await index.deleteDocuments([3, 4]).waitTask()
    expect((await index.getStats()).numberOfDocuments).toBe(1)
    await index.deleteAllDocuments().waitTask()
    expect((await index.getStats()).numberOfDocuments).toBe(0)
  })

  test("ranking rules of one's own, distinct, synonyms, stop words, several searches at once", async () => {
    const index = newIndex()
    await index.updateSettings({ rankingRules: ["words", "pop:desc"], distinctAttribute: "g" }).waitTask()
    await index.addDocuments([
      { id: 1, t: "x", pop: 1, g: 1 },
      { id: 2, t: "x", pop: 5, g: 1 },
      { id: 3, t: "x", pop: 3, g: 2 }
    ]).waitTask()
    expect(ids(await index.search("x"))).toEqual([2, 3])
    expect(await code(index.updateRankingRules(["nope"]))).toBe("invalid_settings_ranking_rules")
    const other = newIndex()
    await other.updateSettings({ synonyms: { car: ["automobile"] }, stopWords: ["the"] }).waitTask()
    await other.addDocuments([{ id: 9, title: "automobile of the year" }]).waitTask()
    expect(ids(await other.search("the car"))).toEqual([9])
    const { results } = await client.multiSearch({
      queries: [{ indexUid: other.uid, q: "automobile" }, { indexUid: index.uid, q: "x" }]
    })
    expect(results.map(({ hits }) => hits.length)).toEqual([1, 2])
  })
})

/**
 * `bench search`: the Meilisearch adapter beside the bare official client, on the same server: documents indexed per second
 * (until the server has carried them out), and the time of a query with filter, facets and highlights, one after the other.
 *
 * The bare client writes the plain documents and waits with its own `waitTask`, polling every millisecond as we do at first;
 * it folds nothing and highlights on the server. Rounds of ours and of the peer's take turns.
 *
 * Without `MEILISEARCH_URL` the server is the stand-in, in a process of its own: its times are not Meilisearch's,
 * and it looks at every word of every document. There the CPU time of this process, the client's, is what means something.
 */
import { Filter, SearchIndex } from "@kanau/search"
import { EmbeddedSearchIndex } from "@kanau/search/embedded"
import { MeiliSearchIndex } from "@kanau/search/meilisearch"
import { Context, Effect, Layer, Redacted } from "effect"
import { Meilisearch } from "meilisearch"
import { start } from "../child.ts"
import { percentile, report } from "../report.ts"

const bench = "search"
const key = process.env["MEILISEARCH_KEY"]

const index = SearchIndex.define({
  name: "bench",
  searchable: ["title", "aliases"],
  filterable: ["olang", "year"],
  ranking: [{ field: "votes", direction: "desc" }]
})

interface Book extends Record<string, SearchIndex.Value> {
  readonly title: string
  readonly aliases: ReadonlyArray<string>
  readonly olang: string
  readonly year: number
  readonly votes: number
}

/** One side of a comparison. */
interface Side {
  readonly fill: (books: ReadonlyArray<Book>) => Promise<void>
  /** Milliseconds of each query. */
  readonly ask: (texts: ReadonlyArray<string>) => Promise<ReadonlyArray<number>>
}

export const search = async (options: { readonly quick: boolean }): Promise<void> => {
  const rounds = options.quick ? 3 : 7
  const books = library(options.quick ? 1000 : 5000)
  const texts = books.filter((_, at) => at % Math.ceil(books.length / 100) === 0).map(({ title }) => title.slice(0, 9))
  const own = process.env["MEILISEARCH_URL"]
  const standIn = own === undefined
    ? await start(new URL(import.meta.resolve("@kanau/testing/meiliStandInMain")))
    : undefined
  const url = own ?? standIn?.address ?? ""
  const name = `bench${process.pid}`
  const client = new Meilisearch({ host: url, ...(key === undefined ? {} : { apiKey: key }) })
  try {
    const via = own === undefined ? ", stand-in" : ""
    process.stderr.write(`${bench}: Meilisearch${via}, ${books.length} documents\n`)
    const where = { url, prefix: `${name}_`, ...(key === undefined ? {} : { apiKey: Redacted.make(key) }) }
    const [ours, embedded, bare] = await Promise.all([
      ourSide(MeiliSearchIndex.layer(where)),
      ourSide(EmbeddedSearchIndex.layer),
      bareSide(client, `${name}_bare`)
    ])
    const figures = { mine: rate(), theirs: rate(), inProcess: rate() }
    for (let round = -1; round < rounds; round++) {
      // The first round warms up.
      for (
        const [side, figure] of [[ours, figures.mine], [bare, figures.theirs], [embedded, figures.inProcess]] as const
      ) {
        const startedAt = performance.now()
        const filling = await cpuOf(() => side.fill(books))
        const perSecond = books.length / (performance.now() - startedAt) * 1000
        const asking = await cpuOf(() => side.ask(texts))
        const times = asking.value
        if (round === -1) continue
        figure.fillCpu.push(filling.micros / books.length)
        figure.askCpu.push(asking.micros / texts.length)
        figure.documents.push(perSecond)
        figure.p50.push(percentile(times, 0.5))
        figure.p99.push(percentile(times, 0.99))
      }
    }
    const peer = `bare Meilisearch client${via}`
    const { inProcess, mine, theirs } = figures
    const compare = (what: string, unit: string, figure: keyof ReturnType<typeof rate>) => {
      report({ bench, case: `${what}${via}`, unit, ours: mine[figure], peer: { name: peer, rounds: theirs[figure] } })
      report({ bench, case: `${what}, embedded`, unit, ours: inProcess[figure] })
    }
    compare("indexing", "documents/s", "documents")
    compare("indexing, CPU here", "µs/document", "fillCpu")
    compare("query, CPU here", "µs/query", "askCpu")
    compare("query, p50", "ms", "p50")
    compare("query, p99", "ms", "p99")
  } finally {
    const { results } = await client.getRawIndexes({ limit: 1000 })
    for (const { uid } of results.filter((one) => one.uid.startsWith(name))) await client.deleteIndex(uid).waitTask()
    await standIn?.stop()
  }
}

const rate = () => ({
  documents: [] as Array<number>,
  fillCpu: [] as Array<number>,
  askCpu: [] as Array<number>,
  p50: [] as Array<number>,
  p99: [] as Array<number>
})

/** CPU time of this process while it does something. */
const cpuOf = async <A>(work: () => Promise<A>): Promise<{ readonly value: A; readonly micros: number }> => {
  const before = process.cpuUsage()
  const value = await work()
  const { system, user } = process.cpuUsage(before)
  return { value, micros: system + user }
}

const ourSide = async (layer: Layer.Layer<SearchIndex.SearchIndex>): Promise<Side> => {
  const context = await Effect.runPromise(Effect.scoped(Layer.build(layer)))
  const service = Context.get(context, SearchIndex.SearchIndex)
  await Effect.runPromise(service.prepare([index]))
  return {
    fill: async (books) => {
      const changes = books.map((document, at) => ({ id: `v${at}`, document }))
      for (let at = 0; at < changes.length; at += 500) {
        await Effect.runPromise(service.write(index, changes.slice(at, at + 500)))
      }
    },
    ask: (texts) =>
      inTurn(texts, (text) =>
        Effect.runPromise(service.search(index, {
          text,
          filter: Filter.between("year", { atLeast: 1995 }),
          facets: ["olang"],
          highlight: { fields: ["title"] }
        })))
  }
}

const bareSide = async (client: Meilisearch, name: string): Promise<Side> => {
  const bare = client.index(name)
  await client.createIndex(name, { primaryKey: "id" }).waitTask()
  await bare.updateSettings({
    searchableAttributes: ["title", "aliases"],
    filterableAttributes: ["olang", "year"],
    rankingRules: ["sort", "words", "typo", "proximity", "attributeRank", "exactness", "votes:desc"]
  }).waitTask()
  return {
    fill: async (books) => {
      const documents = books.map((book, at) => ({ id: `v${at}`, ...book }))
      for (let at = 0; at < documents.length; at += 500) {
        await bare.addDocuments(documents.slice(at, at + 500)).waitTask({ interval: 1 })
      }
    },
    ask: (texts) =>
      inTurn(texts, (text) =>
        bare.search(text, {
          filter: "year >= 1995",
          facets: ["olang"],
          attributesToHighlight: ["title"],
          attributesToRetrieve: ["id", "title", "aliases", "olang", "year", "votes"]
        }))
  }
}

const inTurn = async (
  texts: ReadonlyArray<string>,
  ask: (text: string) => Promise<unknown>
): Promise<ReadonlyArray<number>> => {
  const times: Array<number> = []
  for (const text of texts) {
    const startedAt = performance.now()
    await ask(text)
    times.push(performance.now() - startedAt)
  }
  return times
}

/** Invented titles, the same every time. */
const library = (count: number): ReadonlyArray<Book> => {
  let state = 1
  const below = (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
  const some = (words: ReadonlyArray<string>): string => words[below(words.length)] ?? ""
  const words = "fate stay night summer love school magic story heart snow dream little garden moon star winter".split(
    " "
  )
  const kana = ["少女", "夏", "ものがたり", "フェイト", "月", "恋", "学園", "ガーデン"]
  return Array.from({ length: count }, (_, at) => ({
    title: `${some(words)} ${some(words)}${below(50)} ${some(words)} ${at}`,
    aliases: [`${some(kana)}${some(kana)}の${some(kana)}`, `${some(words)} ${some(kana)}`],
    olang: some(["ja", "en", "zh-Hans", "ko"]),
    year: 1990 + below(35),
    votes: below(10_000)
  }))
}

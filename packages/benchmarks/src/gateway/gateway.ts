/**
 * `bench gateway`: one view document by id through the whole gateway, beside (a) a bare Hono handler that does `findOne`
 * and `c.json` on the same MongoDB server, and (b) a bare Hono handler that returns a constant buffer.
 *
 * "hot" is served from the gateway's memory, "cold" from MongoDB with the memory switched off. On a machine where load
 * generator, server and MongoDB share the cores, CPU time of the server process per request is the honest figure.
 */
import { MongoViewStore } from "@kanau/mongodb"
import { Migrations, Outbox } from "@kanau/postgres"
import * as EmbeddedDatabase from "@kanau/postgres/EmbeddedDatabase"
import { Projection } from "@kanau/views"
import { ImportService, Wiki } from "@kanau/vndb"
import autocannon from "autocannon"
import { Effect, Layer, Redacted } from "effect"
import { MongoClient } from "mongodb"
import { type Child, start } from "../child.ts"
import { report } from "../report.ts"

const bench = "gateway"
const connections = 32

export const gateway = async (options: { readonly quick: boolean }): Promise<void> => {
  const rounds = options.quick ? 5 : 7
  const seconds = options.quick ? 1 : 4
  const own = process.env["MONGODB_URL"]
  const mongo = own === undefined
    ? await start(new URL(import.meta.resolve("@kanau/testing/mongoStandInMain")))
    : undefined
  const url = own ?? mongo?.address ?? ""
  const { ids, constant } = await fill(url)
  const [hot, cold, peer] = await Promise.all([
    start(new URL("./ours.ts", import.meta.url), { MONGODB_URL: url, CACHE_BYTES: String(64 * 2 ** 20) }),
    start(new URL("./ours.ts", import.meta.url), { MONGODB_URL: url, CACHE_BYTES: "0" }),
    start(new URL("./peer.ts", import.meta.url), { MONGODB_URL: url, CONSTANT: constant })
  ])
  const load = (child: Child, path: string) => measure(child, ids.map((id) => `${path}/${id}`), seconds)
  await compare("hot", rounds, () => load(hot, "/v1/vn"), "bare Hono, constant buffer", () => load(peer, "/constant"), {
    requests: { atLeast: 0.9 }
  })
  await compare(
    "cold",
    rounds,
    () => load(cold, "/v1/vn"),
    "bare Hono, findOne and c.json",
    () => load(peer, "/v1/vn"),
    {
      cpu: { atMost: 0.67 }
    }
  )
  await Promise.all([hot, cold, peer].map((child) => child.stop()))
  await mongo?.stop()
}

/** Fills the view store and the peer's collection with the pages of the bundled dump. */
const fill = async (url: string): Promise<{ readonly ids: ReadonlyArray<string>; readonly constant: string }> => {
  const derived = await Effect.gen(function*() {
    yield* Migrations.run(Migrations.kanau, Wiki.migrations)
    yield* ImportService.importDump({ folder: Wiki.bundledDump, onProgress: () => Effect.void })
    const ids = Array.from({ length: 160 }, (_, at) => `v${at + 1}`)
    yield* Projection.refresh(Wiki.views[0], ids)
    return yield* Wiki.views[0].derive(ids)
  }).pipe(
    Effect.provide(Layer.merge(
      Layer.provideMerge(Outbox.layer({ source: "/bench" }), EmbeddedDatabase.layer({})),
      MongoViewStore.layer({ url: Redacted.make(url), database: "bench" })
    )),
    Effect.runPromise
  )
  const client = await MongoClient.connect(url)
  const plain = client.db("bench").collection<{ _id: string }>("plain")
  await plain.deleteMany({})
  await plain.insertMany(derived.map(({ id, json }) => ({ ...JSON.parse(json ?? "{}") as object, _id: id })))
  await client.close()
  // The constant is as long as the pages are on average, so that both sides send the same number of bytes.
  const bytes = derived.map(({ json }) => Buffer.byteLength(json ?? ""))
  const average = Math.round(bytes.reduce((sum, size) => sum + size, 0) / bytes.length)
  process.stderr.write(`${bench}: ${derived.length} pages of ${average} bytes on average\n`)
  return { ids: derived.map(({ id }) => id), constant: JSON.stringify("x".repeat(average - 2)) }
}

interface Figures {
  readonly requests: number
  readonly p50: number
  readonly p99: number
  /** Microseconds of the server's CPU per request. */
  readonly cpu: number
}

const measure = async (child: Child, paths: ReadonlyArray<string>, seconds: number): Promise<Figures> => {
  const before = await child.cpuSeconds()
  const result = await autocannon({
    url: child.address,
    connections,
    duration: seconds,
    requests: paths.map((path) => ({ method: "GET" as const, path }))
  })
  const used = await child.cpuSeconds() - before
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${result.non2xx} wrong answers and ${result.errors} errors from ${child.address}`)
  }
  const total = result["2xx"]
  return {
    requests: total / result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
    cpu: used / total * 1e6
  }
}

const compare = async (
  name: string,
  rounds: number,
  ours: () => Promise<Figures>,
  peer: string,
  theirs: () => Promise<Figures>,
  goals: Partial<Record<keyof Figures, { readonly atLeast?: number; readonly atMost?: number }>>
): Promise<void> => {
  await ours()
  await theirs()
  const mine: Array<Figures> = []
  const other: Array<Figures> = []
  for (let round = 0; round < rounds; round++) {
    process.stderr.write(`${bench} ${name}: round ${round + 1} of ${rounds}\n`)
    // Who goes first alternates, so that neither always finds the machine warmer.
    if (round % 2 === 0) mine.push(await ours())
    other.push(await theirs())
    if (round % 2 === 1) mine.push(await ours())
  }
  const figures = [["requests", "req/s"], ["cpu", "µs CPU/req"], ["p50", "ms p50"], ["p99", "ms p99"]] as const
  for (const [key, unit] of figures) {
    const goal = goals[key]
    report({
      bench,
      case: name,
      unit,
      ours: mine.map((one) => one[key]),
      peer: { name: peer, rounds: other.map((one) => one[key]) },
      ...(goal === undefined ? {} : { goal })
    })
  }
}

/**
 * `bench gateway`: view documents through the whole gateway, each case beside what somebody would write without it, on
 * the same MongoDB server and in the same run: a bare Hono handler that returns a constant buffer, one that does `findOne`
 * or `find().toArray()` and `c.json`, and NestJS with mongoose.
 *
 * "hot" is served from the gateway's memory, "cold" from MongoDB with the memory switched off. On a machine where load
 * generator, server and MongoDB share the cores, CPU time of the server process per request is the honest figure.
 */
import { type Child, start } from "../child.ts"
import { report } from "../report.ts"
import { fill } from "./filling.ts"
import { idle, residentMegabytes } from "./idling.ts"
import { compare, type Comparison } from "./loading.ts"

const bench = "gateway"

export const gateway = async (options: { readonly quick: boolean; readonly only?: string }): Promise<void> => {
  const round = {
    bench,
    rounds: options.quick ? 5 : 7,
    seconds: options.quick ? 1 : 4,
    connections: 32
  }
  const own = process.env["MONGODB_URL"]
  const mongo = own === undefined
    ? await start(new URL(import.meta.resolve("@kanau/testing/mongoStandInMain")))
    : undefined
  const url = own ?? mongo?.address ?? ""
  const { average, ids } = await fill(url)
  process.stderr.write(`${bench}: ${ids.length} pages of ${average} bytes on average\n`)
  // The constant is as long as the pages are on average, so that both sides send the same number of bytes.
  const CONSTANT = JSON.stringify("x".repeat(average - 2))
  const children: Array<Child> = []
  const launch = async (module: URL, environment: Readonly<Record<string, string>> = {}) => {
    const child = await start(module, { MONGODB_URL: url, ...environment })
    children.push(child)
    return child
  }
  const hot = await launch(new URL("./ours.ts", import.meta.url), { CACHE_BYTES: String(64 * 2 ** 20) })
  const cold = await launch(new URL("./ours.ts", import.meta.url), { CACHE_BYTES: "0" })
  const peer = await launch(new URL("./peer.ts", import.meta.url), { CONSTANT })
  const nest = await launch(new URL("./nest.ts", import.meta.url))

  const pages = ids.map((id) => `/v1/vn/${id}`)
  const constants = ids.map((id) => `/constant/${id}`)
  const lists = ["/v1/vn?sort=title&limit=50"]
  const cases: Readonly<Record<string, Omit<Comparison, "name" | "bench" | "rounds" | "seconds" | "connections">>> = {
    hot: {
      ours: { child: hot, paths: pages },
      peer: "bare Hono, constant buffer",
      theirs: { child: peer, paths: constants },
      goals: { requests: { atLeast: 0.9 } }
    },
    "hot, 64 connections": {
      ours: { child: hot, paths: pages },
      peer: "bare Hono, constant buffer",
      theirs: { child: peer, paths: constants },
      goals: {}
    },
    "not modified": {
      ours: { child: hot, paths: pages, headers: { "if-none-match": "*" }, status: 304 },
      peer: "200 from memory",
      theirs: { child: hot, paths: pages },
      goals: { cpu: { atMost: 1 } }
    },
    cold: {
      ours: { child: cold, paths: pages },
      peer: "bare Hono, findOne and c.json",
      theirs: { child: peer, paths: pages },
      goals: { cpu: { atMost: 0.67 } }
    },
    list: {
      ours: { child: cold, paths: lists },
      peer: "bare Hono, find().toArray() and c.json",
      theirs: { child: peer, paths: lists },
      goals: { cpu: { atMost: 0.7 } }
    },
    nest: {
      ours: { child: hot, paths: pages },
      peer: "NestJS and mongoose",
      theirs: { child: nest, paths: pages },
      goals: { requests: { atLeast: 3 } }
    },
    "cold beside nest": {
      ours: { child: cold, paths: pages },
      peer: "NestJS and mongoose",
      theirs: { child: nest, paths: pages },
      goals: {}
    }
  }
  const isWanted = (name: string) => options.only === undefined || options.only.split(",").includes(name)
  for (const [name, one] of Object.entries(cases)) {
    if (!isWanted(name)) continue
    await compare({ ...round, ...one, name, ...(name === "hot, 64 connections" ? { connections: 64 } : {}) })
  }
  if (isWanted("idle")) await measureIdle(cold, pages[0] ?? "/", options.quick ? 2000 : 10_000)
  await Promise.all(children.map((child) => child.stop()))
  await mongo?.stop()
}

/** Memory with many idle connections; beside it, how many of them still stand when all are open. */
const measureIdle = async (child: Child, path: string, count: number): Promise<void> => {
  const before = residentMegabytes(child)
  const connections = await idle(child, path, count)
  const after = residentMegabytes(child)
  const standing = connections.open()
  connections.close()
  const kilobytes = (after - before) * 1024 / count
  report({ bench, case: `${count} idle connections`, unit: "MB RSS", ours: [after] })
  report({ bench, case: `${count} idle connections`, unit: "kB each", ours: [kilobytes] })
  report({ bench, case: `${count} idle connections`, unit: "still open", ours: [standing], goal: { atLeast: count } })
}

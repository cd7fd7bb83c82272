/**
 * `bench freshness`: how long after an edit is committed the public API shows it, at 100 edits per second, with
 * user-request-handler, view-manager and api-gateway as processes on real PostgreSQL and RabbitMQ.
 *
 * The clock starts when the answer to the edit arrives (the commit came just before it) and stops when a plain read of
 * the page, repeated without pause, shows the edit. "from the request" starts when the edit is sent.
 */
import { Rooms } from "@kanau/testing"
import { fileURLToPath } from "node:url"
import type { Child } from "../child.ts"
import { percentile, report } from "../report.ts"
import { environmentOf, startRole } from "../roles.ts"

const bench = "freshness"
const token = "bench-token-0123456789"
const editsPerSecond = 100

export const freshness = async (options: { readonly quick: boolean }): Promise<void> => {
  const seconds = options.quick ? 5 : 30
  const rooms = await Rooms.start(fileURLToPath(new URL("../../../..", import.meta.url)))
  const roles: Array<Child> = []
  try {
    const environment = { ...await environmentOf(rooms), API_TOKENS: `bench:${token}` }
    for (const name of ["user-request-handler", "view-manager", "event-handler", "api-gateway"]) {
      roles.push(await startRole(name, environment))
    }
    const [handler, , , gateway] = roles
    if (handler === undefined || gateway === undefined) throw new Error("the roles did not start")
    const ids = await create(handler.address, 50)
    await edit(handler.address, gateway.address, ids, 3)
    const { fromCommit, fromRequest } = await edit(handler.address, gateway.address, ids, seconds)
    process.stderr.write(`${bench}: ${fromCommit.length} edits in ${seconds} s\n`)
    const figure = (name: string, values: ReadonlyArray<number>, share: number, atMost?: number) =>
      report({
        bench,
        case: name,
        unit: "ms",
        ours: [percentile(values, share)],
        ...(atMost === undefined ? {} : { goal: { atMost } })
      })
    figure("commit to visible, p50", fromCommit, 0.5, 15)
    figure("commit to visible, p99", fromCommit, 0.99, 100)
    figure("from the request, p50", fromRequest, 0.5)
    figure("from the request, p99", fromRequest, 0.99)
  } finally {
    await Promise.all(roles.map((role) => role.stop()))
    await rooms.stop()
  }
}

const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" }
const titles = (title: string) => [{ lang: "en", official: true, title, latin: null }]

const create = async (handler: string, count: number): Promise<ReadonlyArray<string>> => {
  const ids: Array<string> = []
  for (let at = 0; at < count; at++) {
    const body = JSON.stringify({ olang: "en", titles: titles("new") })
    const response = await fetch(`${handler}/v1/vn`, { method: "POST", headers, body })
    ids.push(((await response.json()) as { readonly id: string }).id)
  }
  return ids
}

/** Edits at a steady rate; milliseconds until each edit was visible. */
const edit = async (handler: string, gateway: string, ids: ReadonlyArray<string>, seconds: number) => {
  const fromCommit: Array<number> = []
  const fromRequest: Array<number> = []
  const one = async (id: string, title: string) => {
    const sent = performance.now()
    const body = JSON.stringify({ titles: titles(title) })
    const response = await fetch(`${handler}/v1/vn/${id}`, { method: "PATCH", headers, body })
    const { revision } = await response.json() as { readonly revision: number }
    const committed = performance.now()
    if (response.status !== 200) throw new Error(`an edit was answered ${response.status}`)
    for (;;) {
      const page = await (await fetch(`${gateway}/v1/vn/${id}`)).json() as { readonly revision?: number }
      if ((page.revision ?? 0) >= revision) break
      if (performance.now() - committed > 10_000) throw new Error(`${id} was not visible after ten seconds`)
    }
    fromCommit.push(performance.now() - committed)
    fromRequest.push(performance.now() - sent)
  }
  const running: Array<Promise<void>> = []
  const begin = performance.now()
  for (let at = 0; at < seconds * editsPerSecond; at++) {
    const due = begin + at * 1000 / editsPerSecond
    const wait = due - performance.now()
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
    running.push(one(ids[at % ids.length] ?? "", `title ${at}`))
  }
  await Promise.all(running)
  return { fromCommit, fromRequest }
}

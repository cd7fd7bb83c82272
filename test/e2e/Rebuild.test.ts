import { assert, beforeAll, describe, it } from "@effect/vitest"
import { Wiki } from "@kanau/vndb"
import { Cause, Exit } from "effect"
import { setTimeout as pause } from "node:timers/promises"
import { differing, eventually, importDump, rebuild, retitle, type Role, rooms, start } from "./system.ts"

const environment = await rooms()
const editsPerSecond = 200

let handler: Role
let gateway: Role

beforeAll(async () => {
  ;[handler, gateway] = await Promise.all([
    start("user-request-handler", environment),
    start("api-gateway", environment),
    start("view-manager", environment),
    start("view-manager", environment),
    start("event-handler", environment)
  ])
  await importDump(environment)
  await eventually(
    "the last imported entry has its page",
    async () => (await fetch(`${gateway.url}/v1/vn/v164`)).status === 200
  )
  await eventually("every page is complete", async () => (await differing(environment)).length === 0, 90_000)
}, 180_000)

describe("A rebuild on real servers", () => {
  it(
    "NV-2 NV-5 amid 200 edits a second, interrupted twice and gone on with, ends equal to a full derivation; no read goes back",
    async () => {
      // Related to nothing: their edits change no other page.
      const ids = ["v2", "v3", "v5", "v6", "v8"]
      const [view] = Wiki.views
      const load = { on: true, edits: 0, reads: 0 }
      const failures: Array<unknown> = []
      const editing: Array<Promise<unknown>> = []
      let answered = 0
      const editor = async () => {
        const begin = performance.now()
        while (load.on) {
          const wait = begin + load.edits * 1000 / editsPerSecond - performance.now()
          if (wait > 0) await pause(wait)
          // A machine that cannot make so many is not asked to make up for them.
          if (load.edits - answered > editsPerSecond) await Promise.race(editing)
          // One writer per page at a time, as titles are to count up.
          const turn = load.edits % ids.length
          const before = editing[turn] ?? Promise.resolve()
          const title = String(load.edits++)
          editing[turn] = before
            .then(() => retitle(handler, ids[turn] ?? "", title))
            .catch((error: unknown) => failures.push(error))
            .finally(() => answered++)
        }
        await Promise.all(editing)
      }
      const reader = async (id: string) => {
        let last = -1
        while (load.on) {
          const { title } = await (await fetch(`${gateway.url}/v1/vn/${id}`)).json() as { readonly title: string }
          const now = /^\d+$/.test(title) ? Number(title) : last
          assert.isAtLeast(now, last, `${id} went back`)
          last = now
          load.reads++
          // As fast as they can, the readers would leave no processor to what they watch.
          await pause(20)
        }
      }
      const loads = Promise.all([editor(), ...ids.map(reader)])
      for (const until of [20, 60]) assert.isTrue(Exit.hasInterrupts(await rebuild(environment, view, until)))
      const rebuilt = await rebuild(environment, view)
      if (Exit.isFailure(rebuilt)) throw Cause.squash(rebuilt.cause)
      const { documents, generation } = rebuilt.value
      // Everybody has moved on by then.
      await pause(1500)
      load.on = false
      await loads
      assert.deepStrictEqual(failures, [])
      assert.strictEqual(generation, 2)
      assert.isAbove(documents, 100)
      assert.isAbove(load.reads, 100)
      await eventually(
        "every document equals a full derivation",
        async () => (await differing(environment)).length === 0
      )
      process.stdout.write(`rebuild amid edits: ${JSON.stringify({ ...load, documents, generation })}\n`)
    },
    180_000
  )
})

import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { FindNote, Notes, notes, program } from "../src/notes.ts"
import { app } from "../src/server.ts"

describe("Quickstart", () => {
  it.effect("KN-1 KN-9 the program writes a note, finds it, and sees a missing one as a value", () =>
    Effect.gen(function*() {
      const outcome = yield* program
      assert.deepStrictEqual(outcome, {
        written: { id: "n1", text: "typed all the way" },
        found: { id: "n1", text: "typed all the way" },
        missing: "There is no note n2."
      })
    }))

  it.effect("KN-9 a note that is not there is the declared fault", () =>
    Effect.gen(function*() {
      const fault = yield* Effect.flip(notes.process(new FindNote({ id: "n9" })))
      assert.strictEqual(fault._tag, "NoteNotFound")
      assert.strictEqual(fault.kind, "not-found")
    }).pipe(Effect.provideService(Notes, new Map())))

  it.effect("NF-9 the same service answers over HTTP, with statuses from the operations", () =>
    Effect.gen(function*() {
      const http = yield* app
      const ask = (path: string, init?: RequestInit) =>
        Effect.promise(async () => {
          const response = await http.request(path, init)
          return { status: response.status, body: await response.json() as unknown }
        })
      const text = "over HTTP"
      const headers = { "content-type": "application/json" }
      const written = yield* ask("/v1/notes/n1", { method: "PUT", headers, body: JSON.stringify({ text }) })
      assert.deepStrictEqual(written, { status: 200, body: { id: "n1", text } })
      assert.deepStrictEqual(yield* ask("/v1/notes/n1"), { status: 200, body: { id: "n1", text } })
      const missing = yield* ask("/v1/notes/n2")
      assert.strictEqual(missing.status, 404)
      assert.deepInclude(missing.body, {
        error: { ...(missing.body as { error: object }).error, code: "note-not-found" }
      })
      const wrong = yield* ask("/v1/notes/n1", { method: "PUT", headers, body: "{}" })
      assert.strictEqual(wrong.status, 400)
    }).pipe(Effect.provideService(Notes, new Map())))
})

import { Parser } from "@asyncapi/parser"
import { assert, describe, it } from "@effect/vitest"
import { Fault, Message, OnceOnly, System } from "@kanau/core"
import { AsyncApi, Consumer, Request } from "@kanau/messaging"
import { Effect, pipe, Schema } from "effect"
import { NoteWritten } from "./fixture.ts"

class NoteRefused extends Fault.define<NoteRefused>()("NoteRefused", "gone", {}, () => "Not this note.") {}
class DriverError extends Schema.TaggedError<DriverError>()("DriverError", {}) {}

class CountNotes extends Message.command<CountNotes>()("notes.count", { fields: {}, subject: () => "all" }) {}
const count = Request.define(CountNotes, { output: Schema.Int })

const refuse = (note: NoteWritten) => Effect.fail(note.id === "1" ? new NoteRefused() : new DriverError())
const guarded = pipe(refuse, OnceOnly.duplicatesAccepted("it only refuses"))
const system = System.make({
  name: "notes",
  version: "2",
  roles: {
    worker: [
      Consumer.part(Consumer.make({
        queue: "notes/hook~1",
        handlers: [
          Consumer.on(NoteWritten, guarded, { errors: [NoteRefused], dispositions: { DriverError: "dead-letter" } })
        ]
      })),
      Consumer.part(Request.serve(count, () => Effect.succeed(1)))
    ]
  }
})
const document = AsyncApi.document(system)

describe("AsyncAPI", () => {
  it("the document is valid AsyncAPI 3.0 for AsyncAPI's own parser", async () => {
    const parser = new Parser()
    const errorsOf = async (candidate: object) =>
      (await parser.parse(JSON.stringify(candidate))).diagnostics.filter(({ severity }) => `${severity}` === "0")
    assert.deepStrictEqual(await errorsOf(document), [])
    assert.isNotEmpty(await errorsOf({ ...document, asyncapi: "1.0" }))
    assert.isNotEmpty(await errorsOf({ ...document, channels: { "notes/hook~1": { address: 1 } } }))
  }, 30_000)

  it("a command that is answered names the channel and the payload of its answer", async () => {
    const { document: parsed } = await new Parser().parse(JSON.stringify(document))
    const operation = parsed?.operations().get("notes.count:notes.count")
    assert.strictEqual(operation?.reply()?.address()?.location(), "$message.header#/replyto")
    const [answer] = operation?.reply()?.channel()?.messages().all() ?? []
    assert.include(JSON.stringify(answer?.payload()?.json()), "Unavailable")
  }, 30_000)

  it("every reference leads somewhere, also where names hold slashes", () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path as string)
    assert.isAbove(references.length, 2)
    for (const reference of references) {
      const found = reference.split("/").map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"))
        .reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], document)
      assert.isObject(found, reference)
    }
  })

  it("NF-1 the disposition of every error stands beside the message, as the consumer applies it", () => {
    const [operation] = Object.values(document.operations) as ReadonlyArray<Record<string, Record<string, object>>>
    assert.deepStrictEqual(operation?.["x-kanau-dispositions"]?.["errors"], {
      NoteRefused: "discard",
      DriverError: "dead-letter"
    })
    assert.strictEqual(Object.keys(operation?.["x-kanau-dispositions"]?.["kinds"] ?? {}).length, 12)
    assert.deepStrictEqual(operation?.["x-kanau-retry"]?.["attempts"] as unknown, 10)
  })

  it("a command has one handler", () => {
    const elsewhere = Consumer.make({ queue: "elsewhere", handlers: [Consumer.on(CountNotes, () => Effect.void)] })
    const roles = { worker: [Consumer.part(Request.serve(count, () => Effect.succeed(1))), Consumer.part(elsewhere)] }
    assert.throws(
      () => System.make({ name: "x", version: "1", roles }),
      "The command notes.count is handled on notes.count and on elsewhere; keep one handler"
    )
  })

  it("two classes of one name are refused", () => {
    class Other extends Message.event<Other>()(NoteWritten.type, { fields: {}, subject: () => "-" }) {}
    assert.throws(
      () => System.make({ name: "x", version: "1", roles: {}, messages: [NoteWritten, Other] }),
      "Two classes are the message notes.note.written"
    )
  })
})

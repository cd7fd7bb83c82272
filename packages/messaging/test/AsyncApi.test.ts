import specs from "@asyncapi/specs"
import { assert, describe, it } from "@effect/vitest"
import { Fault, Message, OnceOnly, System } from "@kanau/core"
import { AsyncApi, Consumer } from "@kanau/messaging"
import { Ajv } from "ajv"
import addFormats from "ajv-formats"
import { Effect, pipe, Schema } from "effect"
import { NoteWritten } from "./fixture.ts"

class NoteRefused extends Fault.define<NoteRefused>()("NoteRefused", "gone", {}, () => "Not this note.") {}
class DriverError extends Schema.TaggedError<DriverError>()("DriverError", {}) {}

const refuse = (note: NoteWritten) => Effect.fail(note.id === "1" ? new NoteRefused() : new DriverError())
const guarded = pipe(refuse, OnceOnly.duplicatesAccepted("it only refuses"))
const system = System.make({
  name: "notes",
  version: "2",
  roles: {
    worker: [Consumer.part(Consumer.make({
      queue: "notes/hook~1",
      handlers: [
        Consumer.on(NoteWritten, guarded, { errors: [NoteRefused], dispositions: { DriverError: "dead-letter" } })
      ]
    }))]
  }
})
const document = AsyncApi.document(system)

describe("AsyncAPI", () => {
  it("the document fits the specification of AsyncAPI 3.0", () => {
    const ajv = new Ajv({ strict: false, validateFormats: true, allErrors: true })
    addFormats.default(ajv)
    const validate = ajv.compile(specs.schemasWithoutId["3.0.0"] as object)
    assert.isTrue(validate(JSON.parse(JSON.stringify(document))), JSON.stringify(validate.errors?.slice(0, 5)))
    assert.isFalse(validate({ ...document, asyncapi: "1.0" }))
  })

  it("every reference leads somewhere, also where names hold slashes", () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path as string)
    assert.isAbove(references.length, 2)
    for (const reference of references.filter((path) => !path.startsWith("definitions/"))) {
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

  it("two classes of one name are refused", () => {
    class Other extends Message.event<Other>()(NoteWritten.type, { fields: {}, subject: () => "-" }) {}
    assert.throws(
      () => System.make({ name: "x", version: "1", roles: {}, messages: [NoteWritten, Other] }),
      "Two classes are the message notes.note.written"
    )
  })
})

import { assert, describe, it } from "@effect/vitest"
import { Description, Fault, Layers, Operation, Processor, System } from "@kanau/core"
import { Effect, pipe, Redacted, Schema } from "effect"

class NoteNotFound
  extends Fault.define<NoteNotFound>()("NoteNotFound", "not-found", {}, () => "There is no such note.")
{}
class FindNote extends Operation.define<FindNote>()("FindNote", {
  summary: "Reads a note",
  version: 3,
  input: { id: Schema.String },
  output: Schema.Struct({ text: Schema.String }),
  errors: [NoteNotFound]
}) {}

const findNote = ({ id }: FindNote) => id === "1" ? Effect.succeed({ text: "one" }) : Effect.fail(new NoteNotFound())
const trim = (input: FindNote) => Effect.succeed(input)

const describeRole = (parts: ReadonlyArray<System.Part>) =>
  Description.of(System.make({ name: "notes", version: "1", roles: { api: parts } }))

describe("a system as data", () => {
  it("an operation stands with its contract, its errors and the layers around its processor", () => {
    const guarded = pipe(findNote, Layers.timeout("FindNote", "2 seconds"), Layers.retry({ times: 2 }))
    const description = describeRole(System.operations(Processor.serve(Processor.on(FindNote, guarded))))
    const [part] = description.roles["api"] ?? []
    assert.deepStrictEqual(part?.kind === "operation" && part.processor.layers.map(({ layer }) => layer), [
      "retry",
      "timeout"
    ])
    const contract = description.operations["FindNote"]
    assert.deepStrictEqual([contract?.version, contract?.summary], [3, "Reads a note"])
    assert.deepStrictEqual(contract?.errors.map(({ error, kind, status }) => [error, kind, status]), [
      ["NoteNotFound", "not-found", 404]
    ])
    assert.deepStrictEqual(description.faults, Fault.rules)
  })

  it("a chain stands with its stages, each with its own layers", () => {
    const chained = Processor.chain(trim, pipe(findNote, Layers.meter("find")))
    const shape = Processor.shape(pipe(chained, Layers.trace("all")))
    assert.deepStrictEqual(shape.layers.map(({ layer }) => layer), ["trace"])
    assert.deepStrictEqual(shape.stages.map(({ name, layers }) => [name, layers.map(({ layer }) => layer)]), [
      ["trim", []],
      ["findNote", ["meter"]]
    ])
  })

  it("an operation is listed once, however many roles serve it", () => {
    const parts = System.operations(Processor.serve(Processor.on(FindNote, findNote)))
    const system = System.make({ name: "notes", version: "1", roles: { one: parts, two: parts } })
    assert.deepStrictEqual(system.operations, [FindNote])
  })

  it("AR-5 a description is JSON and holds no value of a secret", () => {
    class Login extends Operation.define<Login>()("Login", {
      input: { password: Schema.RedactedFromValue(Schema.String) },
      output: Schema.Void
    }) {}
    const login = Processor.on(Login, ({ password }) => Effect.sync(() => void Redacted.value(password)))
    const description = describeRole(System.operations(Processor.serve(login)))
    assert.deepStrictEqual(JSON.parse(JSON.stringify(description)), description)
    assert.include(JSON.stringify(description), "password")
  })
})

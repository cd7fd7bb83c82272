/** The core in one file: two operations, the processors that serve them, and a service made of both. */
// #region core
import { Fault, Layers, Operation, Processor } from "@kanau/core"
import { Console, Context, Effect, pipe, Schema } from "effect"

// #region operations
// An operation is the class of its input. Output and errors belong to it.
const Note = Schema.Struct({ id: Schema.String, text: Schema.String }).annotate({ identifier: "Note" })

class NoteNotFound extends Fault.define<NoteNotFound>()(
  "NoteNotFound",
  "not-found",
  { id: Schema.String },
  (fault) => `There is no note ${fault.id}.`
) {}

export class FindNote extends Operation.define<FindNote>()("FindNote", {
  summary: "One note",
  input: { id: Schema.String },
  output: Note,
  errors: [NoteNotFound]
}) {}

export class WriteNote extends Operation.define<WriteNote>()("WriteNote", {
  summary: "Write a note, or write it anew",
  input: { id: Schema.String, text: Schema.String },
  output: Note
}) {}
// #endregion

// #region dependencies
// What the processors need comes from the environment, typed.
export class Notes extends Context.Service<Notes, Map<string, string>>()("example/Notes") {}
// #endregion

// #region processors
// A processor is a function from an operation to an Effect. Layers go around it, the innermost first.
const findNote = Processor.on(
  FindNote,
  pipe(
    ({ id }: FindNote) =>
      Effect.flatMap(Notes, (notes) => {
        const text = notes.get(id)
        return text === undefined ? Effect.fail(new NoteNotFound({ id })) : Effect.succeed({ id, text })
      }),
    Layers.timeout("FindNote", "1 second"),
    Layers.retry({ times: 2 })
  )
)

const writeNote = Processor.on(
  WriteNote,
  ({ id, text }) => Effect.map(Notes, (notes) => ({ id, text: notes.set(id, text).get(id) ?? text }))
)
// #endregion

// #region service
// One service, many operations, resolved by class: output, error and needs follow the input's type.
export const notes = Processor.serve(findNote, writeNote)

export const program = Effect.gen(function*() {
  const written = yield* notes.process(new WriteNote({ id: "n1", text: "typed all the way" }))
  const found = yield* notes.process(new FindNote({ id: "n1" }))
  const missing = yield* Effect.flip(notes.process(new FindNote({ id: "n2" })))
  return { written, found, missing: missing.message }
}).pipe(Effect.provideService(Notes, new Map()))
// #endregion
// #endregion

if (import.meta.main) Effect.runFork(Effect.flatMap(program, Console.log))

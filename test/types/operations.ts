/** Operations bound to what does not serve them. */
import { Fault, Operation, Processor } from "@kanau/core"
import { HttpApp, Route } from "@kanau/http"
import { Context, Effect, Layer, Schema } from "effect"

class NoteNotFound
  extends Fault.define<NoteNotFound>()("NoteNotFound", "not-found", {}, () => "There is no such note.")
{}
class FindNote extends Operation.define<FindNote>()("FindNote", {
  input: { id: Schema.String },
  output: Schema.String
}) {}
class DeleteNote extends Operation.define<DeleteNote>()("DeleteNote", {
  input: { id: Schema.String },
  output: Schema.Void
}) {}

// error: is not assignable to type '"NoteNotFound is not among the errors of FindNote"'.
Processor.on(FindNote, () => Effect.fail(new NoteNotFound()))
// error: Type 'number' is not assignable to type 'string'.
Processor.on(FindNote, () => Effect.succeed(1))
// error: Property 'name' does not exist on type 'FindNote'.
Processor.on(FindNote, ({ name }) => Effect.succeed(name))

const notes = Processor.serve(Processor.on(FindNote, ({ id }) => Effect.succeed(id)))
// error: Argument of type 'DeleteNote' is not assignable to parameter of type 'FindNote'.
notes.process(new DeleteNote({ id: "1" }))

// error: is not assignable to type 'Mistake<"The operation has no member name">'.
Route.get("/notes/{name}", FindNote)

class Store extends Context.Service<Store, Map<string, string>>()("notes/Store") {}
class Clock extends Context.Service<Clock, number>()("notes/Clock") {}
const stored = Processor.serve(
  Processor.on(FindNote, ({ id }) => Effect.map(Store, (store) => store.get(id) ?? "")),
  Processor.on(DeleteNote, ({ id }) => Effect.flatMap(Clock, () => Effect.map(Store, (store) => void store.delete(id))))
)
const store = Layer.succeed(Store, new Map<string, string>())
// error: is not assignable to type '"DeleteNote needs notes/Clock; add it to this layer"'.
Processor.dependencies(stored, store)
Processor.dependencies(stored, Layer.merge(store, Layer.succeed(Clock, 0)))

// error: Type 'DeleteNote' is not assignable to type 'FindNote'.
HttpApp.make({ title: "Notes", version: "1", service: notes, routes: [Route.delete("/notes/{id}", DeleteNote)] })
HttpApp.make({ title: "Notes", version: "1", service: notes, routes: [Route.get("/notes/{id}", FindNote)] })

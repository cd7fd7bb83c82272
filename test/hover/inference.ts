/** What the compiler infers, as an editor shows it: the line above each value. */
import { Fault, Layers, OnceOnly, Operation, Processor } from "@kanau/core"
import { Context, Effect, pipe, Schema } from "effect"

export class NoteNotFound
  extends Fault.define<NoteNotFound>()("NoteNotFound", "not-found", {}, () => "There is no such note.")
{}
export class Notes extends Context.Service<Notes, Map<string, string>>()("Notes") {}
export class Owner extends Context.Service<Owner, string>()("Owner") {}
export class FindNote extends Operation.define<FindNote>()("FindNote", {
  input: { id: Schema.String },
  output: Schema.String,
  errors: [NoteNotFound]
}) {}
export class DeleteNote extends Operation.define<DeleteNote>()("DeleteNote", {
  input: { id: Schema.String },
  output: Schema.Boolean
}) {}

// type: (input: FindNote) => Effect.Effect<string, NoteNotFound, Notes>
export const find = (input: FindNote) =>
  Effect.flatMap(Notes, (notes) => {
    const text = notes.get(input.id)
    return text === undefined ? Effect.fail(new NoteNotFound()) : Effect.succeed(text)
  })

const owns = (input: { readonly id: string }) => Effect.map(Owner, (owner) => input.id.startsWith(owner))

// type: Processor.Processor<FindNote, string, NoteNotFound | Layers.PermissionDenied | Layers.RateLimited | Fault.TimedOut, Notes | Owner>
export const fiveLayers = pipe(
  find,
  Layers.authorize(owns),
  Layers.timeout("FindNote", "1 second"),
  Layers.retry({ times: 3 }),
  Layers.rateLimit({ limit: 10, per: "1 second" }),
  Layers.meter("FindNote")
)

// type: Processor.Processor<string, number, NoteNotFound, Notes>
export const adapted = pipe(
  find,
  Processor.pureAdapter({ before: (id: string) => new FindNote({ id }), after: (text: string) => text.length })
)

// type: Processor.Processor<string, string, Fault.Conflict | NoteNotFound, Notes | Owner>
export const around = Processor.embed(find, {
  before: (id: string) => Effect.map(Owner, (owner) => new FindNote({ id: owner + id })),
  after: (text) => text === "" ? Effect.fail(new Fault.Conflict({ reason: "empty" })) : Effect.succeed(text)
})

// type: Processor.Processor<string, boolean, NoteNotFound, Notes>
export const chained = Processor.chain(
  (id: string) => Effect.succeed(new FindNote({ id })),
  find,
  (text) => Effect.succeed(text.length),
  (length) => Effect.succeed(length > 3)
)

// type: Processor.Processor<FindNote, string, NoteNotFound, Notes>
export const safe = pipe(find, OnceOnly.required, OnceOnly.duplicatesAccepted("reading harms nobody"))

// type: Processor.Service<Processor.Handler<DeleteNote, never, Notes> | Processor.Handler<FindNote, NoteNotFound, Notes>>
export const service = Processor.serve(
  Processor.on(FindNote, find),
  Processor.on(DeleteNote, ({ id }) => Effect.map(Notes, (notes) => notes.delete(id)))
)

// type: Effect.Effect<string, NoteNotFound, Notes>
export const found = service.process(new FindNote({ id: "1" }))

// type: Effect.Effect<boolean, never, Notes>
export const deleted = service.process(new DeleteNote({ id: "1" }))

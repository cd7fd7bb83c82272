/** A small application that can fail in every way. */
import { Correlation, Fault, Operation, Principal, Processor } from "@kanau/core"
import { BearerAuth, HttpApp, Route } from "@kanau/http"
import { Context, Effect, Redacted, Schema } from "effect"

export const token = "s3cr3t-token-of-the-admin"

/** What the processors do and see, for tests to look at and to hold up. */
export class Probe extends Context.Service<Probe, {
  calls: number
  /** Awaited by every processor. */
  gate: Effect.Effect<void>
}>()("test/Probe") {}

class NoteNotFound extends Fault.define<NoteNotFound>()(
  "NoteNotFound",
  "not-found",
  { id: Schema.String },
  (fault) => `There is no note ${fault.id}.`
) {}

const kinds = Object.keys(Fault.rules) as ReadonlyArray<Fault.Kind>
const failures = kinds.map((kind) =>
  Fault.define()(
    kind.replace(/(^|-)([a-z])/g, (_, _dash, letter: string) => letter.toUpperCase()) + "Happened",
    kind,
    { text: Schema.String },
    (fault) => fault.text
  )
)

export class FindNote extends Operation.define<FindNote>()("FindNote", {
  input: {
    id: Schema.String.check(Schema.isMaxLength(20)),
    lines: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100 })).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed(10))
    ),
    tags: Schema.optionalKey(Schema.Array(Schema.String)),
    since: Schema.optionalKey(Schema.DateFromString)
  },
  output: Schema.Struct({
    id: Schema.String,
    lines: Schema.Int,
    tags: Schema.Array(Schema.String),
    since: Schema.String
  }),
  errors: [NoteNotFound],
  summary: "Finds a note"
}) {}

export class WriteNote extends Operation.define<WriteNote>()("WriteNote", {
  input: {
    id: Schema.String,
    text: Schema.String.check(Schema.isMaxLength(50)),
    size: Schema.optionalKey(Schema.BigInt),
    meta: Schema.optionalKey(
      Schema.Struct({ color: Schema.Literals(["red", "green"]), any: Schema.optionalKey(Schema.Unknown) })
    )
  },
  output: Schema.Struct({ id: Schema.String, call: Schema.Int, by: Schema.String })
}) {}

class RemoveNote extends Operation.define<RemoveNote>()("RemoveNote", {
  input: { id: Schema.String },
  output: Schema.Void
}) {}

class Fail extends Operation.define<Fail>()("Fail", {
  input: { kind: Schema.String },
  output: Schema.Struct({ ok: Schema.Boolean }),
  errors: [...failures, Fault.InvalidInput]
}) {}

class WhoAmI extends Operation.define<WhoAmI>()("WhoAmI", {
  input: { wait: Schema.optionalKey(Schema.Int) },
  output: Schema.Struct({ correlationId: Schema.String, traceparent: Schema.String, name: Schema.String })
}) {}

const called = Effect.flatMap(Probe, (probe) => {
  probe.calls += 1
  return Effect.as(probe.gate, probe.calls)
})

export const secretText = "SELECT password FROM users WHERE secret = 'hunter2'"

const service = Processor.serve(
  Processor.on(
    FindNote,
    ({ id, lines, since, tags }) =>
      Effect.flatMap(called, () =>
        id === "missing" ? Effect.fail(new NoteNotFound({ id })) : Effect.succeed({
          id,
          lines,
          tags: tags ?? [],
          since: since?.toISOString() ?? ""
        }))
  ),
  Processor.on(
    WriteNote,
    ({ id }) =>
      Effect.flatMap(called, (call) => Effect.map(Principal.Principal, ({ name }) => ({ id, call, by: name })))
  ),
  Processor.on(RemoveNote, () => Effect.asVoid(called)),
  Processor.on(Fail, ({ kind }) =>
    Effect.flatMap(called, (): Effect.Effect<{ ok: boolean }, Fault.Unavailable> => {
      if (kind === "thrown") throw new Error(secretText)
      if (kind === "died") return Effect.die(new Error(secretText))
      if (kind === "issues") {
        return Effect.fail(new Fault.InvalidInput({ issues: [{ path: "kind", message: "is taken" }] }) as never)
      }
      const failure = failures[kinds.indexOf(kind as Fault.Kind)]
      return failure === undefined
        ? Effect.succeed({ ok: "no boolean" as never })
        : Effect.fail(new failure({ text: secretText }) as never)
    })),
  Processor.on(WhoAmI, ({ wait }) =>
    Effect.gen(function*() {
      yield* called
      const before = yield* Correlation.Correlation
      if (wait !== undefined) yield* Effect.sleep(wait)
      const { correlationId, traceparent } = yield* Correlation.Correlation
      yield* Effect.logInfo("who am I")
      const { name } = yield* Principal.Principal
      return { correlationId: correlationId === before.correlationId ? correlationId : "mixed", traceparent, name }
    }))
)

export const routes = [
  Route.get("/v1/notes/{id}", FindNote, { tags: ["notes"] }),
  Route.put("/v1/notes/{id}", WriteNote, { tags: ["notes"] }),
  Route.post("/v1/notes", WriteNote, {
    status: 201,
    security: "bearer",
    headers: ({ id }) => ({ location: `/v1/notes/${id}` })
  }),
  Route.delete("/v1/notes/{id}", RemoveNote),
  Route.post("/v1/fail/{kind}", Fail),
  Route.get("/v1/fail/{kind}", Fail, {}),
  Route.get("/v1/secure-fail/{kind}", Fail, { security: "bearer" }),
  Route.get("/v1/me", WhoAmI, { security: "bearer" }),
  Route.get("/v1/anyone", WhoAmI)
]

export const app = HttpApp.make({
  title: "Notes & more",
  version: "1.2.3",
  service,
  routes,
  auth: BearerAuth.make([
    { name: "admin", token: Redacted.make(token) },
    { name: "importer", token: Redacted.make("another-token-0123456789") }
  ])
})

/** A fresh probe with an open gate. */
export const probe = (): Probe["Service"] => ({ calls: 0, gate: Effect.void })

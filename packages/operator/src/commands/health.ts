/** `health`: whether processes are ready, as they say themselves, or whether the servers answer. */
import { Effect, Schema } from "effect"
import { Command, Flag } from "effect/cli"
import { names, reach } from "./checks.ts"
import { json, show } from "./console.ts"
import type { Connections } from "./deployment.ts"
import { Unwell, Usage } from "./usage.ts"

const urls = Flag.String("url").pipe(
  Flag.withDescription("Address of the health port of a process, such as http://10.0.0.7:9464; may be repeated"),
  Flag.between(0, 1000)
)

interface Row {
  readonly of: string
  readonly well: boolean
  readonly state: string
}

export const health = (connections: Connections) =>
  Command.make("health", { urls, json }, (input) =>
    Effect.gen(function*() {
      const wrong = input.urls.find((url) => !URL.canParse(url) || !/^https?:/.test(url))
      if (wrong !== undefined) {
        return yield* new Usage({ message: `--url ${wrong} is no address, such as http://10.0.0.7:9464.` })
      }
      const rows = yield* input.urls.length > 0
        ? Effect.forEach(input.urls, process, { concurrency: 16 })
        : Effect.scoped(servers(connections))
      if (rows.length === 0) {
        return yield* new Usage({ message: "Say which processes with --url, or name servers in the environment." })
      }
      yield* show(input.json, rows, "")
      if (rows.some(({ well }) => !well)) return yield* new Unwell()
    })).pipe(
      Command.withDescription("Ask processes whether they are ready; without --url, whether the servers answer")
    )

const servers = (connections: Connections) =>
  Effect.map(reach(connections), (all) =>
    Object.entries(all).flatMap(([name, reached]): ReadonlyArray<Row> => {
      const of = names[name as keyof Connections]
      switch (reached._tag) {
        case "Reached":
          return [{ of, well: true, state: "answers" }]
        case "Failed":
          return [{ of, well: false, state: reached.reason }]
        case "NotSet":
          return []
      }
    }))

const process = (url: string): Effect.Effect<Row> =>
  Effect.gen(function*() {
    const { checks, phase, ready } = yield* Effect.flatMap(get(url, "/readyz"), readiness)
    // Who is ready and cannot reach something says so here only.
    const { services } = yield* Effect.flatMap(get(url, "/health/circuit-breakers"), breakers)
    const state = [
      phase,
      ...Object.entries(checks).filter(([, text]) => text !== "ok").map(([check, text]) => `${check}: ${text}`),
      ...services.filter(({ healthy }) => !healthy).map(({ name }) => `the circuit breaker ${name} is open`)
    ]
    return { of: url, well: ready && state.length === 1, state: state.join("; ") }
  }).pipe(
    Effect.timeoutOrElse({ duration: "5 seconds", orElse: () => Effect.fail(unwell(url, "no answer within 5 s")) }),
    Effect.catchTag("SchemaError", () => Effect.succeed(unwell(url, "answers, but is no health port"))),
    Effect.catchIf((error): error is Row => "of" in error, Effect.succeed)
  )

const unwell = (of: string, state: string): Row => ({ of, well: false, state })

const get = (url: string, path: string): Effect.Effect<string, Row> =>
  Effect.tryPromise({
    try: async (signal) => (await fetch(new URL(path, url), { signal })).text(),
    catch: () => unwell(url, "does not answer")
  })

const readiness = Schema.decodeUnknownEffect(Schema.fromJsonString(Schema.Struct({
  ready: Schema.Boolean,
  phase: Schema.String,
  checks: Schema.Record(Schema.String, Schema.String)
})))

const breakers = Schema.decodeUnknownEffect(Schema.fromJsonString(Schema.Struct({
  services: Schema.Array(Schema.Struct({ name: Schema.String, healthy: Schema.Boolean }))
})))

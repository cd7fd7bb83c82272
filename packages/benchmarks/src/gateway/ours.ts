/** The api-gateway as it is deployed, but for the bus: nothing changes while it is measured. */
import "effect/schema/SchemaJITCompiler/enable"
import { HttpServer } from "@kanau/http"
import { EmbeddedBus } from "@kanau/messaging"
import { MongoViewStore } from "@kanau/mongodb"
import * as ApiGateway from "@kanau/vndb/roles/ApiGateway"
import { Context, Effect, Layer, Redacted, References } from "effect"
import { answerCpuTime } from "../child.ts"

answerCpuTime()

const adapters = Layer.merge(
  MongoViewStore.layer({ url: Redacted.make(process.env["MONGODB_URL"] ?? ""), database: "bench" }),
  EmbeddedBus.layer({ file: ":memory:" })
)
const gateway = ApiGateway.layer({ port: 0, host: "127.0.0.1", cacheBytes: Number(process.env["CACHE_BYTES"]) }).pipe(
  Layer.provide(adapters),
  Layer.provide(Layer.succeed(References.TracerEnabled, false)),
  Layer.provide(Layer.succeed(References.MinimumLogLevel, "None"))
)

Effect.runFork(Effect.scoped(Effect.gen(function*() {
  const server = Context.get(yield* Layer.build(gateway), HttpServer.HttpServer)
  process.stdout.write(`${server.url}\n`)
  return yield* Effect.never
})))

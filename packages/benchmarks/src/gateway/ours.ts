/** The pages of the api-gateway, as it is deployed but for search and bus: nothing changes while it is measured. */
import "effect/schema/SchemaJITCompiler/enable"
import { Processor } from "@kanau/core"
import { HttpApp, HttpServer, ViewGateway } from "@kanau/http"
import { EmbeddedBus } from "@kanau/messaging"
import { MongoViewStore } from "@kanau/mongodb"
import { pages } from "@kanau/vndb/roles/ApiGateway"
import { Context, Effect, Layer, Redacted, References } from "effect"
import { answerCpuTime } from "../child.ts"

answerCpuTime()

const adapters = Layer.merge(
  MongoViewStore.layer({ url: Redacted.make(process.env["MONGODB_URL"] ?? ""), database: "bench" }),
  EmbeddedBus.layer({ file: ":memory:" })
)

const app = Effect.gen(function*() {
  const gateway = yield* ViewGateway.make({ cacheBytes: Number(process.env["CACHE_BYTES"]) })
  const http = yield* HttpApp.make({ title: "Nova VNDB", version: "1", service: Processor.serve(), routes: [] })
  for (const page of pages) gateway.mount(http, page)
  return http
})

const gateway = HttpServer.layer(app, { port: 0, host: "127.0.0.1" }).pipe(
  Layer.provide(adapters),
  Layer.provide(Layer.succeed(References.TracerEnabled, false)),
  Layer.provide(Layer.succeed(References.MinimumLogLevel, "None"))
)

Effect.runFork(Effect.scoped(Effect.gen(function*() {
  const server = Context.get(yield* Layer.build(gateway), HttpServer.HttpServer)
  process.stdout.write(`${server.url}\n`)
  return yield* Effect.never
})))

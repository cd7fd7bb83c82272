import { HttpServer } from "@kanau/http"
import { Effect, Layer } from "effect"
import { app, probe, Probe } from "/work/main/packages/http/test/fixture.ts"
Effect.runFork(Layer.launch(HttpServer.layer(app, { port: 18931, host: "127.0.0.1" }).pipe(Layer.provide(Layer.succeed(Probe, probe())))))

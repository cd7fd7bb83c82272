/** The same service over HTTP: routes name operations, and everything else follows from them. */
import { HttpApp, HttpServer, Route } from "@kanau/http"
import { Runner } from "@kanau/runner"
import { Layer } from "effect"
import { FindNote, Notes, notes, WriteNote } from "./notes.ts"

// #region server
export const app = HttpApp.make({
  title: "Notes",
  version: "1",
  service: notes,
  routes: [
    Route.get("/v1/notes/{id}", FindNote),
    Route.put("/v1/notes/{id}", WriteNote)
  ]
})

if (import.meta.main) {
  Runner.run({
    name: "notes",
    layer: Layer.provide(HttpServer.layer(app, { host: "127.0.0.1", port: 8080 }), Layer.sync(Notes, () => new Map()))
  })
}
// #endregion

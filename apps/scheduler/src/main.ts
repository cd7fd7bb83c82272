import { Database, Outbox, PgScheduleStore } from "@kanau/postgres"
import { Runner } from "@kanau/runner"
import { Scheduler } from "@kanau/vndb"
import { Config, Effect, Layer } from "effect"
import { hostname } from "node:os"

Runner.run({
  name: "scheduler",
  layer: Layer.unwrap(Effect.map(Config.Redacted("DATABASE_URL"), (url) =>
    Scheduler.layer.pipe(
      Layer.provide(PgScheduleStore.layer({ process: `${hostname()}/${process.pid}` })),
      Layer.provide(Outbox.layer({ source: Scheduler.source })),
      Layer.provide(Database.layer({ url, applicationName: "scheduler", maxConnections: 3 }))
    )))
})

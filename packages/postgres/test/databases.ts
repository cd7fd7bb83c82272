/** The databases every suite of this package runs on: a real server, and PostgreSQL in process. */
import { Servers } from "@kanau/testing"
import { Effect, Exit, Layer, Redacted, Scope } from "effect"
import { afterAll } from "vitest"
import { BulkCopy, Database, Migrations } from "../src/index.ts"
import { embedded } from "./embedded.ts"

const place = await Servers.postgresDatabase()

const migrated = Layer.effectDiscard(Migrations.run(Migrations.kanau))

const at = { url: Redacted.make(place.url), applicationName: "test" }

const server = Layer.merge(Database.layer(at), BulkCopy.layer(at))

/** Opened by the first test that needs it, and kept for the others: opening it takes longer than most of them. */
const kept = <A, E>(layer: Layer.Layer<A, E>): Layer.Layer<A> => {
  const scope = Scope.makeUnsafe()
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))
  const opened = Effect.runSync(Effect.cached(Layer.buildWithScope(layer, scope)))
  return Layer.effectContext(Effect.orDie(opened))
}

export const databases = [
  { name: "PostgreSQL server", layer: Layer.provideMerge(migrated, server) },
  { name: "embedded PostgreSQL", layer: kept(Layer.provideMerge(migrated, embedded)) }
] as const

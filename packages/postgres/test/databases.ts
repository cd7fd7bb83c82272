/** The databases every suite of this package runs on: a real server, and PostgreSQL in process. */
import { Servers } from "@kanau/testing"
import { Layer, Redacted } from "effect"
import * as EmbeddedDatabase from "../src/EmbeddedDatabase.ts"
import { BulkCopy, Database, Migrations } from "../src/index.ts"

const place = await Servers.postgresDatabase()

const migrated = Layer.effectDiscard(Migrations.run(Migrations.kanau))

const at = { url: Redacted.make(place.url), applicationName: "test" }

const server = Layer.merge(Database.layer(at), BulkCopy.layer(at))

export const databases = [
  { name: "PostgreSQL server", layer: Layer.provideMerge(migrated, server) },
  { name: "embedded PostgreSQL", layer: Layer.provideMerge(migrated, EmbeddedDatabase.layer({})) }
] as const

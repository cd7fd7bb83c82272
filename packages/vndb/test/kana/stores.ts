/** The view stores that the API is tested on. */
import { MongoViewStore } from "@kanau/mongodb"
import { Servers } from "@kanau/testing"
import { Layer, Redacted } from "effect"
import { database, inPostgres } from "./gateway.ts"

const mongo = await Servers.mongoDatabase()

export const stores = [
  { name: "PostgreSQL", layer: inPostgres },
  {
    name: "MongoDB",
    layer: Layer.provideMerge(
      MongoViewStore.layer({ url: Redacted.make(mongo.url), database: mongo.name }),
      database
    )
  }
] as const

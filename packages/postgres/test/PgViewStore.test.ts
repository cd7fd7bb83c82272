import { ViewStoreConformance } from "@kanau/testing"
import { Layer } from "effect"
import { PgViewStore } from "../src/index.ts"
import { databases } from "./databases.ts"

for (const database of databases) {
  ViewStoreConformance.suite(`View store on ${database.name}`, Layer.provide(PgViewStore.layer, database.layer))
}

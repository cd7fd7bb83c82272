import * as EmbeddedDatabase from "@kanau/postgres/EmbeddedDatabase"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** PostgreSQL in this process, empty and in memory. */
export const embedded = EmbeddedDatabase.layer({ template: join(tmpdir(), "kanau-embedded.tar") })

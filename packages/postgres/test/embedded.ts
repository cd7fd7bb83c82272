/** PostgreSQL in process, empty. */
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as EmbeddedDatabase from "../src/EmbeddedDatabase.ts"

export const embedded = EmbeddedDatabase.layer({ template: join(tmpdir(), "kanau-embedded.tar") })

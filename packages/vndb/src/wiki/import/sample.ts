/** An invented dump for a first start, for tests and for measurements: made when it is asked for, always the same. */
import { Generator } from "@kanau/vndb-dump"
import { Effect } from "effect"
import * as fs from "node:fs/promises"
import * as os from "node:os"
import * as path from "node:path"

/** 164 visual novels, v1 to v164, and all that belongs to them. */
const options: Generator.Options = { seed: 1n, scale: 0.00246, torture: false }

/** Uses the folder of a dump that is made before and removed after. */
export const withSampleDump = <A, E, R>(use: (path: string) => Effect.Effect<A, E, R>) =>
  Effect.acquireUseRelease(
    Effect.promise(() => fs.mkdtemp(path.join(os.tmpdir(), "kanau-sample-"))),
    (folder) => {
      const dump = path.join(folder, "dump")
      return Effect.andThen(Generator.write(dump, options), Effect.suspend(() => use(dump)))
    },
    (folder) => Effect.promise(() => fs.rm(folder, { recursive: true, force: true }))
  )

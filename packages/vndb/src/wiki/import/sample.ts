/** An invented dump for a first start, for tests and for measurements: made when it is asked for, always the same. */
import { Generator } from "@kanau/vndb-dump"
import { Effect } from "effect"
import * as fs from "node:fs/promises"
import * as os from "node:os"
import * as path from "node:path"

/** 164 visual novels, v1 to v164, and all that belongs to them. */
const usual = 0.00246

/** Uses the folder of a dump that is made before and removed after. A smaller one has the first entries of a larger one. */
export const withSampleDump = <A, E, R>(use: (path: string) => Effect.Effect<A, E, R>, scale = usual) =>
  Effect.acquireUseRelease(
    Effect.promise(() => fs.mkdtemp(path.join(os.tmpdir(), "kanau-sample-"))),
    (folder) => {
      const dump = path.join(folder, "dump")
      return Effect.andThen(Generator.write(dump, { seed: 1n, scale, torture: false }), Effect.suspend(() => use(dump)))
    },
    (folder) => Effect.promise(() => fs.rm(folder, { recursive: true, force: true }))
  )
